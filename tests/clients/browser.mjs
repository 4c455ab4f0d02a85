// A page in headless Chromium: node browser.mjs '{"chromium","page","events"}' opens it, waits until so many events were
// answered with 200 and the page has set window.finished, closes it as a person does, and prints
// {"errors":[…],"events":n,"finished"}.
import { chromium } from 'playwright-core'

const given = JSON.parse(process.argv[2])
const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox'] })
const page = await browser.newPage()
const errors = []
let events = 0
page.on('pageerror', (error) => errors.push(String(error)))
page.on('response', (response) => {
  const sent = response.request()
  if (sent.method() === 'POST' && response.status() === 200 && !sent.url().endsWith('/m')) {
    events += JSON.parse(sent.postData()).batch?.length ?? 1
  }
})
try {
  await page.goto(given.page)
  await page.waitForFunction('window.finished !== undefined', null, { timeout: 60000 })
  const deadline = Date.now() + 60000
  while (events < given.events && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const finished = await page.evaluate('window.finished')
  await page.close({ runBeforeUnload: true })
  await new Promise((resolve) => setTimeout(resolve, 500))
  console.log(JSON.stringify({ errors, events, finished }))
} finally {
  await browser.close()
}
