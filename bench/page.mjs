// Opens the dashboard in headless Chromium some times and prints what each took: node page.mjs '{"chromium","address","runs"}'.
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../tests/clients/package.json', import.meta.url))('playwright-core')
const given = JSON.parse(process.argv[2])
const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox'] })
const told = []
for (let run = 0; run < given.runs; run++) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  let queries = 0
  let parts = 0
  page.on('request', (request) => {
    if (!request.url().endsWith('/query')) return
    queries += 1
    parts += JSON.parse(request.postData()).length
  })
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      const main = document.querySelector('main#main[aria-busy=false]')
      if (!main || main.querySelector('.skeleton')) return
      observer.disconnect()
      requestAnimationFrame(() => setTimeout(() => (window.complete = performance.now())))
    }).observe(document, { subtree: true, childList: true, attributes: true })
  })
  await page.goto(given.address)
  await page.waitForFunction(() => window.complete, null, { timeout: 120000 })
  const times = await page.evaluate(() => {
    const [query] = performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/query'))
    const script = performance.getEntriesByType('resource').find((one) => /index-.*\.js$/.test(one.name))
    return { complete: window.complete, query: query.responseEnd - query.startTime, script: script.responseEnd }
  })
  told.push({ ...times, queries, parts })
  await context.close()
}
await browser.close()
console.log(JSON.stringify(told))
