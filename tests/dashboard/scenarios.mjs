// The page in headless Chromium over a running stack: node scenarios.mjs '{"url","key",…}' runs every scenario in a context of
// its own and prints {name: {"ok","error"?,"console":[…]}}. What the page shows is held against what the API answers.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../clients/package.json', import.meta.url))('playwright-core')
const axeSource = readFileSync(new URL('../../clients/dashboard/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const given = JSON.parse(process.argv[2])
const METRICS = ['visitors', 'sessions', 'pageviews', 'views_per_session', 'bounce_rate', 'avg_duration']
const LOGS = 'site=logs&start=2015-05-17&end=2015-05-20'
const scenarios = []
const scenario = (name, run, options = {}) => scenarios.push({ name, run, options })

// ---- the API, and how its numbers read

async function api(path, body, key = given.key) {
  const answer = await fetch(given.url + path, {
    method: body ? 'POST' : 'GET',
    headers: { Authorization: `Bearer ${key}` },
    body: body ? JSON.stringify(body) : undefined,
  })
  const text = await answer.text()
  assert.equal(answer.status, 200, text)
  return text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text
}
const ask = (more) => api('/query', { site: 'logs', date_range: ['2015-05-17', '2015-05-20'], ...more })

function reader(locale) {
  const number = (value, options) => new Intl.NumberFormat(locale, options).format(value)
  const seconds = (value) => {
    const unit = (amount, name, digits) => number(amount, { style: 'unit', unit: name, unitDisplay: 'narrow', minimumIntegerDigits: digits })
    const whole = Math.round(value)
    if (whole < 60) return unit(whole, 'second', 1)
    return whole < 3600
      ? `${unit(Math.floor(whole / 60), 'minute', 1)} ${unit(whole % 60, 'second', 2)}`
      : `${unit(Math.floor(whole / 3600), 'hour', 1)} ${unit(Math.floor((whole % 3600) / 60), 'minute', 2)}`
  }
  return (metric, value) => {
    if (value === null) return '–'
    if (metric === 'share') return number(value / 100, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
    if (metric === 'bounce_rate') return number(value / 100, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
    if (metric === 'avg_duration') return seconds(value)
    if (metric === 'views_per_session') return number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
    return number(value)
  }
}

// ---- the page

async function open(page, query = '', key = given.key) {
  await page.goto(`${given.url}/${query}#key=${key}`)
  await ready(page)
}
async function ready(page) {
  await page.waitForSelector('main#main[aria-busy=false]:not(.old), main.live h1, .empty, .login')
}
/** Do something, and wait for the answers that it asks for. */
async function and(page, act) {
  const answered = page.waitForResponse((response) => response.url().endsWith('/query'))
  await act()
  await answered
  await ready(page)
}
const search = (page) => decodeURI(new URL(page.url()).search)
const kpi = (page, metric) => page.locator(`.kpi[data-metric=${metric}] b`).innerText()
const rows = (panel) =>
  panel.locator('table.rows tbody tr').evaluateAll((all) =>
    all.map((row) => [row.querySelector('.name').innerText, ...[...row.querySelectorAll('td')].map((cell) => cell.innerText.split('\n')[0].trim())]),
  )
const panel = (page, name) => page.locator(`.panel.${name}`)

/** All rules in the light theme, and in the dark one what depends on colours. */
async function axeBoth(page, where, themes) {
  await axeOnce(page, where, { rules: { 'target-size': { enabled: true } } })
  if (!themes) return
  await page.emulateMedia({ colorScheme: 'dark' })
  await axeOnce(page, `${where}, dark`, { runOnly: ['color-contrast'] })
  await page.emulateMedia({ colorScheme: 'light' })
}
async function axeOnce(page, where, options) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource)
  const found = await page.evaluate(async (options) => {
    const told = await window.axe.run(document, { ...options, resultTypes: ['violations'] })
    return told.violations
      .filter((one) => ['serious', 'critical'].includes(one.impact))
      .map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary.split('\n')[1] ?? ''}`).join(' | ')}`)
  }, options)
  assert.deepEqual(found, [], where)
}

// ---- numbers

for (const locale of ['en-US', 'de-DE']) {
  scenario(`every number of a real log equals the API's, in ${locale}`, async ({ page }) => {
    const text = reader(locale)
    await open(page, `?${LOGS}`)
    const totals = (await ask({ metrics: METRICS })).results[0].metrics
    for (const [index, metric] of METRICS.entries()) assert.equal(await kpi(page, metric), text(metric, totals[index]), metric)
    assert.ok(totals[0] > 20)

    await page.getByRole('button', { name: 'Table' }).click()
    const days = (await ask({ metrics: METRICS, dimensions: ['time:day'], include: { time_labels: true } })).results
    for (const [index, metric] of METRICS.entries()) {
      await page.locator(`.kpi[data-metric=${metric}]`).click()
      const shown = await page.locator('.course-table tbody td:nth-child(2)').allInnerTexts()
      assert.deepEqual(shown, days.map((row) => text(metric, row.metrics[index])), metric)
    }

    const tabs = [
      { sources: 'channel', pages: 'page', places: 'country', devices: 'device' },
      { sources: 'source', pages: 'entry_page', places: 'language', devices: 'browser' },
      { sources: 'referrer', pages: 'exit_page', places: 'city', devices: 'os' },
      { sources: 'utm_campaign', pages: 'hostname', places: 'region', devices: 'os_version' },
    ]
    for (const dimensions of tabs) {
      await open(page, `?${LOGS}${Object.entries(dimensions).map(([name, tab]) => `&tab=${name}:${tab}`).join('')}`)
      for (const [name, dimension] of Object.entries(dimensions)) {
        const answer = await ask({ metrics: ['visitors'], dimensions: [dimension], order_by: [['visitors', 'desc']], pagination: { limit: 10 }, include: { percentages: true, total_rows: true } })
        const shown = (await rows(panel(page, name))).map((row) => row.slice(1, 3))
        assert.deepEqual(shown, answer.results.map((row) => [text('visitors', row.metrics[0]), text('share', row.percentages[0])]), dimension)
        if (answer.meta.total_rows > 10) {
          assert.match(await panel(page, name).locator('footer button').first().innerText(), new RegExp(`${text('visitors', answer.meta.total_rows)}$`))
        }
      }
    }
  }, { locale })
}

scenario("changes, shares of events and all metrics of the long list equal the API's", async ({ page }) => {
  const text = reader('en-US')
  await open(page, '?site=shop&period=7d&tab=places:country')
  const shop = (more) => api('/query', { site: 'shop', date_range: '7d', ...more })
  const include = { compare: 'previous', percentages: true }
  const totals = (await shop({ metrics: METRICS, include })).results[0]
  for (const [index, metric] of METRICS.entries()) {
    assert.equal(await kpi(page, metric), text(metric, totals.metrics[index]))
    const change = totals.comparison.change[index]
    const size = Math.abs(change)
    const digits = size < 10 ? 1 : 0
    const number = metric === 'bounce_rate' ? `${new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 }).format(size)} pts` : new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: digits }).format(size / 100)
    const shown = await page.locator(`.kpi[data-metric=${metric}] .change > [aria-hidden]`).innerText()
    assert.equal(shown, size.toFixed(1) === '0.0' ? '=' : `${change > 0 ? '▲' : '▼'} ${number}`, metric)
    const good = (change > 0) !== (metric === 'bounce_rate')
    assert.equal(await page.locator(`.kpi[data-metric=${metric}] .change`).getAttribute('class'), `change ${size.toFixed(1) === '0.0' ? 'same' : good ? 'better' : 'worse'}`)
  }
  const events = (await shop({ metrics: ['events', 'visitors'], dimensions: ['event'], filters: [['is_not', 'event', ['']]] })).results
  assert.deepEqual((await rows(panel(page, 'events'))).map((row) => row.slice(0, 3)), events.map((row) => [row.dimensions[0], text('visitors', row.metrics[0]), text('share', (row.metrics[1] / totals.metrics[0]) * 100)]))

  await panel(page, 'events').getByRole('tab', { name: 'Properties' }).click()
  await panel(page, 'events').locator('tbody tr').first().waitFor()
  const plans = (await shop({ metrics: ['events'], dimensions: ['props:plan'], filters: [['is', 'event', ['signup']], ['is_not', 'props:plan', ['']]], include: { percentages: true } })).results
  assert.deepEqual((await rows(panel(page, 'events'))).map((row) => row.slice(0, 3)), plans.map((row) => [row.dimensions[0], text('visitors', row.metrics[0]), text('share', row.percentages[0])]))

  await panel(page, 'pages').getByRole('button', { name: /^(All|Details)/ }).click()
  const dialog = page.locator('dialog')
  await dialog.locator('tbody tr').first().waitFor()
  const pages = (await shop({ metrics: METRICS, dimensions: ['page'], include })).results
  assert.deepEqual((await rows(dialog)).map((row) => row.slice(0, 8)), pages.map((row) => [row.dimensions[0], ...METRICS.map((metric, index) => text(metric, row.metrics[index])), text('share', row.percentages[0])]))
  await dialog.getByRole('button', { name: 'Change', exact: true }).click()
  await page.waitForFunction(() => document.querySelector('dialog .scroll[aria-busy=false]'))
  const gained = (await shop({ metrics: METRICS, dimensions: ['page'], include, order_by: [['change:visitors', 'desc']] })).results
  assert.deepEqual((await rows(dialog)).map((row) => row[0]), gained.map((row) => row.dimensions[0]))
  await dialog.getByRole('searchbox').fill('DOCS')
  await page.waitForFunction(() => document.querySelectorAll('dialog tbody tr').length === 2)
  assert.deepEqual((await rows(dialog)).map((row) => row[0]).sort(), ['/docs', '/docs/install'])
})

scenario('the verdict names a loud day, and its link shows that day', async ({ page }) => {
  await open(page, '?site=shop&period=7d')
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: given.zone }).format(Date.now())
  const loud = new Date(Date.parse(today) - given.loud * 86400000).toISOString().slice(0, 10)
  const odd = page.locator('.stood-out button')
  const name = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' }).format(Date.parse(loud))
  const link = odd.filter({ hasText: name })
  assert.match(await link.innerText(), /^▲/)
  await and(page, () => link.click())
  assert.equal(search(page), `?site=shop&period=${loud}`)
  const words = await page.locator('.verdict').innerText()
  const value = (await api('/query', { site: 'shop', date_range: loud, metrics: ['visitors'] })).results[0].metrics[0]
  assert.match(words, new RegExp(` ${value} visitors: more than usual for a \\w+ \\(\\d+–\\d+ in 8 weeks\\)`))

  // The same from the API's own numbers of the eight weekdays before.
  const before = []
  for (let week = 1; week <= 8; week++) {
    const date = new Date(Date.parse(loud) - 7 * week * 86400000).toISOString().slice(0, 10)
    before.push((await api('/query', { site: 'shop', date_range: date, metrics: ['visitors'] })).results[0].metrics[0])
  }
  const median = (values) => { const s = [...values].sort((a, b) => a - b); return (s[(s.length - 1) >> 1] + s[s.length >> 1]) / 2 }
  const middle = median(before)
  const spread = Math.max(3.4 * 1.4826 * median(before.map((one) => Math.abs(one - middle))), 2.5 * Math.sqrt(middle))
  assert.match(words, new RegExp(`\\(${Math.max(0, Math.floor(middle - spread))}–${Math.ceil(middle + spread)} in`))
})

scenario('today is compared with the same hours of earlier weeks', async ({ page }) => {
  await open(page, '?site=shop&period=today')
  assert.match(await page.locator('.verdict').innerText(), /^Today so far \d+ visitors(: .* for a \w+ until \d\d:\d\d \(\d+–\d+ in 8 weeks\)\.|\.)/)
})

// ---- one request

scenario('the overview is one question, a metric in the graph none, a tab one more', async ({ page }) => {
  const asked = []
  page.on('request', (request) => request.url().endsWith('/query') && asked.push(JSON.parse(request.postData()).length))
  await open(page, `?${LOGS}`)
  assert.equal(asked.length, 1)
  await page.locator('.kpi[data-metric=pageviews]').click()
  await page.waitForURL(/metric=pageviews/)
  assert.equal(asked.length, 1)
  await and(page, () => panel(page, 'sources').getByRole('tab', { name: 'Referrer' }).click())
  assert.deepEqual(asked.slice(1), [1])
})

scenario('of fast changes the last one wins', async ({ page }) => {
  let first = true
  await open(page, `?${LOGS}`)
  await page.route('**/query', async (route) => {
    const late = first
    first = false
    if (late) await new Promise((resolve) => setTimeout(resolve, 800))
    await route.continue().catch(() => {})
  })
  await page.keyboard.press('d')
  await page.keyboard.press('a')
  await page.waitForFunction(() => document.querySelector('.days').innerText.includes('2015') && !document.querySelector('main').classList.contains('old'))
  await page.waitForTimeout(1000)
  const all = (await api('/query', { site: 'logs', date_range: 'all', metrics: ['visitors'] })).results[0].metrics[0]
  assert.equal(await kpi(page, 'visitors'), reader('en-US')('visitors', all))
})

// ---- filters, address, history

scenario('a click filters, again it does not, Shift adds, the sign excludes; the address says so and Back undoes each', async ({ page }) => {
  const start = '?site=shop&tab=places:country'
  const text = reader('en-US')
  const visitors = async (filters) => text('visitors', (await api('/query', { site: 'shop', date_range: '30d', metrics: ['visitors'], filters })).results[0].metrics[0])
  await open(page, start)
  const places = panel(page, 'places')
  const name = (country) => places.getByRole('button', { name: country, exact: true })
  const all = await rows(places)
  const step = async (act, address, filters) => {
    await and(page, act)
    assert.equal(search(page), address)
    assert.equal(await kpi(page, 'visitors'), await visitors(filters), address)
  }
  await step(() => name('Germany').click(), '?site=shop&f=is,country,DE&tab=places:country', [['is', 'country', ['DE']]])
  assert.deepEqual((await rows(places)).map((row) => row.slice(1)), all.map((row) => row.slice(1)), 'those not chosen stay')
  assert.equal(await name('Germany').getAttribute('aria-pressed'), 'true')
  await step(() => name('France').click({ modifiers: ['Shift'] }), '?site=shop&f=is,country,DE,FR&tab=places:country', [['is', 'country', ['DE', 'FR']]])
  assert.match((await page.locator('.chips li').first().innerText()).replace(/\s+/g, ' '), /^Country is Germany or France/)
  await page.reload()
  await ready(page)
  assert.equal(await kpi(page, 'visitors'), await visitors([['is', 'country', ['DE', 'FR']]]))
  await step(() => name('Japan').click(), '?site=shop&f=is,country,JP&tab=places:country', [['is', 'country', ['JP']]])
  for (const address of ['?site=shop&f=is,country,DE,FR&tab=places:country', '?site=shop&f=is,country,DE&tab=places:country', start]) {
    await page.goBack()
    await page.waitForURL((url) => decodeURI(url.search) === address)
    await ready(page)
  }
  assert.equal(await kpi(page, 'visitors'), await visitors([]))
  await page.goForward()
  await ready(page)
  await name('Germany').click()
  await page.waitForURL((url) => decodeURI(url.search) === start)

  await open(page, start)
  await places.locator('tr', { hasText: 'Germany' }).hover()
  await and(page, () => places.getByRole('button', { name: 'Exclude Germany' }).click())
  assert.equal(search(page), '?site=shop&f=is_not,country,DE&tab=places:country')
  assert.ok(!(await rows(places)).some((row) => row[0] === 'Germany'))
  await places.locator('tr', { hasText: 'France' }).hover()
  await and(page, () => places.getByRole('button', { name: 'Exclude France' }).click())
  assert.equal(search(page), '?site=shop&f=is_not,country,DE,FR&tab=places:country')
  assert.equal(await kpi(page, 'visitors'), await visitors([['is_not', 'country', ['DE', 'FR']]]))
})

scenario('the map filters by country', async ({ page }) => {
  await open(page, '?site=shop')
  await page.locator('.map path[data-code=DE]').waitFor()
  await and(page, () => page.locator('.map path[data-code=DE]').click())
  assert.equal(search(page), '?site=shop&f=is,country,DE')
  assert.match(await page.locator('.map svg').getAttribute('aria-label'), /Germany \d+/)
})

scenario('a chip is edited and removed, and a new filter proposes what occurs', async ({ page }) => {
  await open(page, '?site=shop&f=is,page,/pricing')
  await page.locator('.chips .chip').first().click()
  const dialog = page.locator('dialog')
  await dialog.getByLabel('Condition').selectOption('is_not')
  await and(page, () => dialog.getByRole('button', { name: 'Apply' }).click())
  assert.equal(search(page), '?site=shop&f=is_not,page,/pricing')
  await and(page, () => page.getByRole('button', { name: /^Remove filter Page is not/ }).click())
  assert.equal(search(page), '?site=shop')

  await page.getByRole('button', { name: '+ Filter' }).click()
  await dialog.getByLabel('Where').selectOption('browser')
  await dialog.getByRole('combobox', { name: 'Value' }).fill('fire')
  await dialog.getByRole('option').filter({ hasText: 'Firefox' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  assert.equal(await dialog.locator('.chips li').count(), 1)
  await and(page, () => page.keyboard.press('Enter'))
  assert.equal(search(page), '?site=shop&f=is,browser,Firefox')

  await page.getByRole('button', { name: '+ Filter' }).click()
  await dialog.getByLabel('Where').selectOption('country')
  await dialog.getByRole('combobox', { name: 'Value' }).fill('germ')
  await dialog.getByRole('option').filter({ hasText: 'Germany' }).click()
  await and(page, () => dialog.getByRole('button', { name: 'Apply' }).click())
  assert.equal(search(page), '?site=shop&f=is,browser,Firefox&f=is,country,DE')
})

scenario('commas, percent signs and umlauts in a page survive a click and a reload', async ({ page }) => {
  for (const name of ['/a,b/100%', '/größe']) {
    await open(page, '?site=shop')
    await and(page, () => panel(page, 'pages').getByRole('button', { name, exact: true }).click())
    await page.reload()
    await ready(page)
    assert.equal(await panel(page, 'pages').getByRole('button', { name, exact: true }).getAttribute('aria-pressed'), 'true')
    const told = (await api('/query', { site: 'shop', date_range: '30d', metrics: ['pageviews'], filters: [['is', 'page', [name]]] })).results[0].metrics[0]
    assert.equal(await kpi(page, 'pageviews'), String(told))
    assert.ok(told > 0)
  }
})

scenario('parts of the address that say nothing are named and ignored', async ({ page }) => {
  await open(page, '?site=shop&period=fortnight&f=is,moon,1')
  assert.match(await page.locator('.note').innerText(), /period=fortnight, f=is,moon,1/)
  await page.locator('.note button').click()
  assert.equal(search(page), '?site=shop')
})

scenario('presets, steps and custom days are in the address', async ({ page }) => {
  await open(page, '?site=shop')
  await and(page, () => page.getByRole('button', { name: 'Last month' }).click())
  assert.equal(search(page), '?site=shop&period=last_month')
  const month = await page.locator('.kpi[data-metric=visitors] b').innerText()
  const zone = new Intl.DateTimeFormat('en-CA', { timeZone: given.zone }).format(Date.now())
  const last = new Date(Date.UTC(+zone.slice(0, 4), +zone.slice(5, 7) - 2, 1)).toISOString().slice(0, 7)
  const told = (await api('/query', { site: 'shop', date_range: last, metrics: ['visitors'] })).results[0].metrics[0]
  assert.equal(month, reader('en-US')('visitors', told))
  await and(page, () => page.getByRole('button', { name: 'Period after' }).click())
  assert.equal(search(page), '?site=shop&period=mtd')
  await page.getByRole('button', { name: 'Custom' }).click()
  await page.getByLabel('First day').fill(`${last}-02`)
  await page.getByLabel('Last day').fill(`${last}-09`)
  await and(page, () => page.locator('dialog').getByRole('button', { name: 'Show' }).click())
  assert.equal(search(page), `?site=shop&start=${last}-02&end=${last}-09`)
})

// ---- what people come for

scenario('three questions take three clicks at most', async ({ page }) => {
  let clicks = 0
  const click = async (locator) => { clicks += 1; await and(page, () => locator.click()) }
  // Which campaign brought visitors from Germany last month?
  await open(page, '?site=shop')
  await page.locator('.map path[data-code=DE]').waitFor()
  await click(page.getByRole('button', { name: 'Last month' }))
  await click(page.locator('.map path[data-code=DE]'))
  await click(panel(page, 'sources').getByRole('tab', { name: 'Campaign' }))
  assert.equal(search(page), '?site=shop&period=last_month&f=is,country,DE&tab=sources:utm_campaign')
  assert.deepEqual((await rows(panel(page, 'sources'))).map((row) => row[0]).sort(), ['(none)', 'brand', 'spring'])
  assert.equal(clicks, 3)
  // On which page do phone visitors leave?
  await open(page, '?site=shop')
  clicks = 0
  await click(panel(page, 'devices').getByRole('tab', { name: 'Device' }))
  await click(panel(page, 'devices').getByRole('button', { name: 'Phone', exact: true }))
  await click(panel(page, 'pages').getByRole('tab', { name: 'Exit' }))
  const told = await api('/query', { site: 'shop', date_range: '30d', metrics: ['visitors'], dimensions: ['exit_page'], filters: [['is', 'device', ['mobile']]], order_by: [['visitors', 'desc']] })
  assert.equal((await rows(panel(page, 'pages')))[0][0], told.results[0].dimensions[0])
  assert.equal(clicks, 3)
  // Was yesterday unusual? The page opens with it.
  await open(page, '?site=shop')
  assert.match(await page.locator('.verdict').innerText(), /^Yesterday \d+ visitors: (usual|more than usual|less than usual) for a /)
})

// ---- CSV

scenario('the CSV of a panel has every row and is what the API makes', async ({ page }) => {
  await open(page, `?${LOGS}`)
  const load = page.waitForEvent('download')
  await panel(page, 'pages').getByRole('button', { name: 'Page as CSV' }).click()
  const file = readFileSync(await (await load).path(), 'utf8')
  const made = await ask({ metrics: METRICS, dimensions: ['page'], format: 'csv', order_by: [['visitors', 'desc']], pagination: { limit: 10000 } })
  assert.equal(file, made)
  const total = (await ask({ metrics: ['visitors'], dimensions: ['page'], include: { total_rows: true } })).meta.total_rows
  assert.equal(file.trim().split('\r\n').length, total + 1)
  assert.ok(total > 10)
})

// ---- hostile text

scenario('collected text is shown as text, leads nowhere, and is harmless in a table', async ({ page }) => {
  const { page: path, event, campaign, referrer } = given.hostile
  page.on('dialog', (dialog) => dialog.dismiss())
  const tabs = [
    { pages: 'page', sources: 'utm_campaign', devices: 'browser', events: 'event' },
    { pages: 'title', sources: 'utm_source', devices: 'os', events: 'properties' },
    { pages: 'entry_page', sources: 'utm_medium' },
  ]
  for (const dimensions of tabs) {
    await open(page, `?${Object.entries(dimensions).map(([name, tab]) => `tab=${name}:${tab}`).join('&')}`)
    for (const name of Object.keys(dimensions)) {
      await panel(page, name).locator('tbody tr').first().waitFor()
      const shown = (await rows(panel(page, name))).map((row) => row[0])
      assert.ok(shown.some((text) => [path, event, campaign, referrer].includes(text)), `${name}: ${shown}`)
    }
    assert.equal(await page.evaluate(() => window.hurt), undefined)
    assert.equal(await page.locator('#root img, #root script, #root iframe').count(), 0)
    for (const href of await page.locator('#root a').evaluateAll((all) => all.map((link) => link.protocol))) assert.match(href, /^https?:$/)
  }
  await open(page, `?f=is,page,${encodeURIComponent(path)}&detail=utm_campaign&metric=pageviews`)
  await page.locator('dialog tbody tr').first().waitFor()
  const load = page.waitForEvent('download')
  await page.locator('dialog').getByRole('button', { name: /as CSV/ }).click()
  const file = readFileSync(await (await load).path(), 'utf8')
  assert.match(file, /^"'=HYPERLINK\(/m)
  assert.equal(await page.evaluate(() => window.hurt), undefined)
})

scenario('a script that gets into the page does not run', async ({ page, told }) => {
  await open(page, '?site=bare')
  await page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'window.hurt = 4'
    document.body.append(script)
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.hurt = 5">')
  })
  await page.waitForTimeout(100)
  assert.equal(await page.evaluate(() => window.hurt), undefined)
  told.length = 0
})

// ---- keys, sites, sign-in

scenario('the key leaves the address, lasts for the tab, and goes when somebody signs out', async ({ page, context }) => {
  await page.goto(`${given.url}/?site=shop#key=${given.key}`)
  await ready(page)
  assert.equal(page.url(), `${given.url}/?site=shop`)
  await page.reload()
  await ready(page)
  assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage }) + document.cookie + JSON.stringify(history.state))).includes(given.key))
  const other = await context.newPage()
  await other.goto(`${given.url}/?site=shop`)
  await other.getByLabel('API key').waitFor()
  await other.close()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByLabel('API key').waitFor()
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), [])
  await page.reload()
  await page.getByLabel('API key').fill(given.key)
  await page.getByRole('button', { name: 'Show the numbers' }).click()
  await ready(page)
  assert.equal(search(page), '?site=shop')
})

scenario('a wrong key and one that no longer works say so', async ({ page, told }) => {
  await page.goto(given.url)
  await page.getByLabel('API key').fill('ffa_wrong')
  await page.getByRole('button', { name: 'Show the numbers' }).click()
  await page.getByText('This is no key that the server knows').waitFor()
  await page.goto(`${given.url}/?again#key=ffa_old`)
  await page.getByText('This key no longer works').waitFor()
  told.length = 0
})

scenario('the sites are switched, and a key that only reads sees its own', async ({ page, context, told }) => {
  await open(page, '?site=shop&period=7d&f=is,page,/pricing')
  await page.getByLabel('Site').selectOption('logs')
  await ready(page)
  assert.equal(search(page), '?site=logs&period=7d')
  const reading = await context.newPage()
  await open(reading, '?period=7d', given.readKey)
  const text = reader('en-US')
  const visitors = (await api('/query', { date_range: '7d', metrics: ['visitors'] }, given.readKey)).results[0].metrics[0]
  assert.equal(await kpi(reading, 'visitors'), text('visitors', visitors))
  assert.equal(await reading.getByLabel('Site').count(), 0)
  assert.equal(await reading.locator('.site').innerText(), '/\nshop'.replace('/\n', ''))
  await reading.goto(`${given.url}/?site=logs`)
  await reading.getByRole('alert').waitFor()
  told.length = 0
})

scenario('a site without data shows the line to put into its pages', async ({ page }) => {
  await open(page, '?site=bare')
  await page.locator('.empty').waitFor()
  const { keys } = await api('/sites/bare/keys')
  const key = keys.find((one) => one.scope === 'write').key
  await page.waitForFunction((text) => document.querySelector('.empty pre').innerText.includes(text), key)
  assert.equal(await page.locator('.empty pre').innerText(), `<script defer data-site="${key}" src="${given.url}/f.js"></script>`)
  await fetch(`${given.url}/pageview`, { method: 'POST', headers: { 'X-Write-Key': key }, body: JSON.stringify({ anonymousId: 'first', page: { path: '/hello' } }) })
  await page.getByText('First pageview: /hello').waitFor({ timeout: 30000 })
})

scenario('no other site may frame the page, and its files are kept by what is in them', async () => {
  const page = await fetch(`${given.url}/`)
  assert.equal(page.headers.get('content-security-policy'), "frame-ancestors 'none'")
  assert.equal(page.headers.get('cache-control'), 'no-cache')
  const asset = (await page.text()).match(/assets\/index-[\w-]+\.js/)[0]
  assert.match((await fetch(`${given.url}/${asset}`)).headers.get('cache-control'), /immutable/)
})

scenario('live shows who is here', async ({ page }) => {
  for (const path of ['/live', '/live', '/other']) {
    await fetch(`${given.url}/pageview?site=shop`, { method: 'POST', headers: { Authorization: `Bearer ${given.key}`, 'content-type': 'application/json' }, body: JSON.stringify({ site: 'shop', anonymousId: `live${path}`, page: { path } }) })
  }
  await open(page, '?site=shop&view=live')
  await page.locator('.live tbody tr').first().waitFor()
  const told = await api('/realtime?site=shop')
  assert.equal(await page.locator('.huge').innerText(), String(told.activeUsers))
  assert.deepEqual(await rows(page.locator('.live')), told.pages.map((one) => [one.path, String(one.activeUsers)]))
  assert.equal(await page.locator('.minutes i').count(), 30)
  await page.getByRole('button', { name: '← Overview' }).click()
  await ready(page)
  assert.equal(search(page), '?site=shop')
})

// ---- states

const failing = (status, headers = {}) => (route) => route.fulfill({ status, headers: { 'content-type': 'application/json', ...headers }, body: '{"code":"x","message":"It is broken."}' })

scenario('while it loads there are places of the final size, and a refetch blanks nothing', async ({ page }) => {
  let let_go
  const gate = new Promise((resolve) => (let_go = resolve))
  await page.route('**/query', async (route) => { await gate; await route.continue() })
  await page.goto(`${given.url}/?${LOGS}#key=${given.key}`)
  await page.locator('.kpi .skeleton').first().waitFor()
  const before = await page.locator('.course-panel').boundingBox()
  let_go()
  await ready(page)
  const after = await page.locator('.course-panel').boundingBox()
  assert.ok(Math.abs(after.height - before.height) < 8, `${before.height} ${after.height}`)
  await page.unroute('**/query')
  let again
  const second = new Promise((resolve) => (again = resolve))
  await page.route('**/query', async (route) => { await second; await route.continue() })
  const visitors = await kpi(page, 'visitors')
  await page.keyboard.press('l')
  await page.locator('main.old').waitFor()
  assert.equal(await kpi(page, 'visitors'), visitors)
  again()
  await ready(page)
})

scenario('errors say what to do, and the last numbers stay with their time', async ({ page, told }) => {
  await open(page, `?${LOGS}`)
  const visitors = await kpi(page, 'visitors')
  await page.route('**/query', failing(503))
  await page.keyboard.press('d')
  await page.getByText('trouble answering right now').waitFor()
  assert.equal(await kpi(page, 'visitors'), visitors)
  assert.match(await page.locator('.trouble').innerText(), /the last numbers that came, of \d+:\d+/)
  await page.unroute('**/query')
  await page.route('**/query', failing(429, { 'retry-after': '8' }))
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('again in 8 seconds').waitFor()
  await page.unroute('**/query')
  await page.route('**/query', (route) => route.abort())
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('cannot be reached').waitFor()
  await page.unroute('**/query')
  await and(page, () => page.getByRole('button', { name: 'Try again' }).click())
  assert.equal(await page.locator('.trouble').count(), 0)
  told.length = 0
})

scenario('a panel that fails leaves the rest', async ({ page }) => {
  await page.route('**/query', async (route) => {
    const asked = JSON.parse(route.request().postData())
    const answer = await route.fetch()
    const told = await answer.json()
    const at = asked.findIndex((one) => one.dimensions?.[0] === 'page')
    told[at] = { error: { code: 'timeout', message: 'This took too long.' } }
    await route.fulfill({ response: answer, json: told })
  })
  await open(page, `?${LOGS}`)
  assert.match(await panel(page, 'pages').innerText(), /Pages: This took too long\.\s+Try again/)
  assert.ok((await rows(panel(page, 'sources'))).length > 0)
})

scenario('a filter that nobody matches is named, and can be taken off', async ({ page }) => {
  await open(page, '?site=shop&f=is,country,IS')
  assert.match(await page.locator('.verdict').innerText(), /Nobody matches Country is Iceland/)
  await and(page, () => page.locator('.verdict').getByRole('button', { name: 'Remove' }).click())
  assert.equal(search(page), '?site=shop')
})

// ---- keyboard and readers

scenario('the graph is walked through by keyboard and reads as its table does', async ({ page }) => {
  await open(page, `?${LOGS}`)
  const graph = page.getByRole('slider')
  await graph.focus()
  await page.keyboard.press('Home')
  const said = []
  const days = Number(await graph.getAttribute('aria-valuemax')) + 1
  for (let index = 0; index < days; index++) {
    said.push(await graph.getAttribute('aria-valuetext'))
    await page.keyboard.press('ArrowRight')
  }
  assert.equal(days, 4)
  await page.getByRole('button', { name: 'Table' }).click()
  const table = await page.locator('.course-table tbody tr').evaluateAll((all) => all.map((row) => `${row.querySelector('th').innerText}: ${row.querySelector('td').innerText} visitors`))
  assert.deepEqual(said.map((one) => one.split(', usual')[0]), table)
  await page.getByRole('button', { name: 'Table' }).click()
  await graph.focus()
  await page.keyboard.press('Home')
  await and(page, () => page.keyboard.press('Enter'))
  assert.equal(search(page), '?site=logs&period=2015-05-17')
})

scenario('tabs, keys and dialogs work without a mouse, and one-letter keys can be switched off', async ({ page }) => {
  await open(page, '?site=shop')
  await panel(page, 'sources').getByRole('tab', { name: 'Channel' }).focus()
  await and(page, () => page.keyboard.press('ArrowRight'))
  assert.equal(search(page), '?site=shop&tab=sources:source')
  assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Source')
  await page.evaluate(() => document.activeElement.blur())
  await and(page, () => page.keyboard.press('w'))
  assert.match(search(page), /period=7d/)
  await and(page, () => page.keyboard.press('ArrowLeft'))
  assert.match(search(page), /start=/)
  await page.keyboard.press('2')
  await page.waitForURL(/metric=sessions/)
  await page.keyboard.press('f')
  await page.locator('dialog').waitFor()
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('dialog').count(), 0)
  await page.getByRole('button', { name: 'Help' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('One-letter keys are on').uncheck()
  await page.keyboard.press('Escape')
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Help')
  const address = page.url()
  await page.keyboard.press('d')
  await page.waitForTimeout(100)
  assert.equal(page.url(), address)
})

for (const width of [1280, 360]) {
  scenario(`axe finds nothing serious in any state and theme at ${width} px`, async ({ page, told }) => {
    // Colours do not depend on the width.
    const axe = (page, where) => axeBoth(page, where, width > 1000)
    await page.goto(given.url)
    await page.getByLabel('API key').waitFor()
    await axe(page, 'login')
    for (const query of ['?site=shop&tab=places:country&f=is,country,DE,US&f=is_not,page,/a', '?site=shop&period=today', '?site=shop&f=is,country,IS&tab=events:properties&period=fortnight', '?site=shop&view=live']) {
      await open(page, query)
      await page.waitForTimeout(50)
      await axe(page, query)
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${query} is wider than ${width}`)
    }
    await open(page, '?site=shop')
    await page.getByRole('button', { name: 'Table' }).click()
    await axe(page, 'table')
    await page.getByRole('button', { name: 'Table' }).click()
    await page.getByRole('slider').focus()
    await page.keyboard.press('ArrowLeft')
    await axe(page, 'point')
    await page.locator('.kpi').first().focus()
    for (const [name, opens] of [['help', () => page.getByRole('button', { name: 'Help' }).click()], ['filter', () => page.getByRole('button', { name: '+ Filter' }).click()], ['custom', () => page.getByRole('button', { name: 'Custom' }).click()], ['detail', () => panel(page, 'pages').getByRole('button', { name: /^(All|Details)/ }).click()]]) {
      await opens()
      await page.locator('dialog').waitFor()
      if (name === 'detail') await page.locator('dialog tbody tr').first().waitFor()
      await axe(page, name)
      await page.keyboard.press('Escape')
    }
    await page.route('**/query', failing(503))
    await page.goto(`${given.url}/?${LOGS}`)
    await page.locator('.trouble').waitFor()
    await axe(page, 'error')
    await page.unroute('**/query')
    await page.route('**/query', () => {})
    await page.goto(`${given.url}/?${LOGS}&again`)
    await page.locator('.kpi .skeleton').first().waitFor()
    await axe(page, 'loading')
    told.length = 0
  }, { viewport: { width, height: 900 } })
}

scenario('at 320 px nothing is cut off', async ({ page }) => {
  for (const query of [`?${LOGS}`, '?site=shop&period=today', '?site=bare']) {
    await open(page, query)
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 320, query)
  }
}, { viewport: { width: 320, height: 700 } })

scenario('the theme is chosen, kept, and there at the first paint', async ({ page }) => {
  await open(page, '?site=shop')
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  const button = page.getByRole('button', { name: /^Colours/ })
  await button.click()
  await button.click()
  assert.notEqual(await ground(), light)
  await page.reload({ waitUntil: 'commit' })
  await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark')
  await ready(page)
  assert.notEqual(await ground(), light)
}, { colorScheme: 'light' })

// ---- pictures for docs/dashboard.md, where a folder is named: SHOTS=folder pytest tests/dashboard/test_page.py

const picture = (name, query, options, act = async () => {}) =>
  given.shots &&
  scenario(`picture ${name}`, async ({ page, told }) => {
    await page.goto(`${given.url}/${query}#key=${given.key}`)
    await act(page)
    await page.waitForTimeout(400)
    const { full, ...rest } = { full: true, ...options }
    await page.screenshot({ path: `${given.shots}/${name}.png`, fullPage: full, ...rest.screenshot })
    told.length = 0
  }, { locale: 'en-GB', timezoneId: given.zone, ...options })
picture('overview', '?site=shop', { viewport: { width: 1280, height: 900 } }, async (page) => {
  await ready(page)
  await page.locator('.map path').first().waitFor()
})
picture('phone', '?site=shop&period=7d', { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark' }, ready)
picture('narrow', '?site=shop&f=is,country,DE,US&f=is_not,page,/about&tab=places:country', { viewport: { width: 360, height: 780 }, hasTouch: true, full: false }, ready)
picture('detail', '?site=shop&detail=page', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark', full: false }, async (page) => {
  await ready(page)
  await page.locator('dialog tbody tr').first().waitFor()
})
picture('empty', '?site=bare', { viewport: { width: 900, height: 480 }, full: false }, (page) => page.locator('.empty').waitFor())
picture('loading', '?site=shop', { viewport: { width: 900, height: 700 }, full: false }, async (page) => {
  await page.route('**/query', () => {})
  await page.goto(`${given.url}/?site=shop&period=90d`)
  await page.locator('.kpi .skeleton').first().waitFor()
})
picture('error', '?site=shop', { viewport: { width: 900, height: 700 }, full: false }, async (page) => {
  await ready(page)
  await page.route('**/query', failing(503))
  await page.keyboard.press('w')
  await page.locator('.trouble').waitFor()
})

// ---- run

const browser = await chromium.launch({ executablePath: given.chromium, args: ['--no-sandbox'] })
const results = {}
for (const { name, run, options } of scenarios) {
  if (given.only && !name.includes(given.only)) continue
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'America/New_York', viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options })
  context.setDefaultTimeout(30000)
  const told = []
  const watch = (page) => {
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && told.push(message.text()))
    page.on('pageerror', (error) => told.push(String(error.stack)))
  }
  context.on('page', watch)
  const page = await context.newPage()
  const began = Date.now()
  try {
    await run({ page, context, told })
    results[name] = { ok: told.length === 0, error: told.join('\n'), ms: Date.now() - began }
  } catch (error) {
    results[name] = { ok: false, error: `${error.stack}\n${page.url()}\n${told.join('\n')}`, ms: Date.now() - began }
  }
  await context.close()
  console.error(`${results[name].ok ? 'ok' : 'FAILED'} ${results[name].ms} ms: ${name}`)
}
await browser.close()
console.log(JSON.stringify(results))
