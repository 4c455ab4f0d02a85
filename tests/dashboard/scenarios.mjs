// The page in headless Chromium over a running stack: node scenarios.mjs '{"url","key",…}' runs every scenario in a context of
// its own and prints {name: {"ok","error"?,"console":[…]}}. What the page shows is held against what the API answers.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const { chromium } = createRequire(new URL('../clients/package.json', import.meta.url))('playwright-core')
const axeSource = readFileSync(new URL('../../clients/dashboard/node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
const given = JSON.parse(process.argv[2])
const METRICS = ['visitors', 'sessions', 'pageviews', 'views_per_session', 'bounce_rate', 'avg_duration']
const LOGS = 'site=logs&start=2015-05-17&end=2015-05-20'
const scenarios = []
const scenario = (name, run, options = {}) => scenarios.push({ name, run, options })

// ---- the API, and how its numbers read

async function api(path, body, key = given.key, method = body ? 'POST' : 'GET') {
  const answer = await fetch(given.url + path, {
    method,
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
    // Units are words, and these are English.
    const unit = (amount, name, digits) => new Intl.NumberFormat(locale.startsWith('en') ? locale : 'en', { style: 'unit', unit: name, unitDisplay: 'narrow', minimumIntegerDigits: digits }).format(amount)
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
  const words = await page.locator('.verdict').innerText()
  const value = (await api('/query', { site: 'shop', date_range: 'today', metrics: ['visitors'] })).results[0].metrics[0]
  // In the first hours of a day it may be that nobody came yet.
  if (value === 0) assert.match(words, /^Nobody came in this period\./)
  else assert.match(words, new RegExp(`^Today so far ${value} visitors?(: .* for a \\w+ until \\d\\d:\\d\\d \\(\\d+–\\d+ in 8 weeks\\)\\.|\\.)`))
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

scenario('what moved most is told from the numbers on the page, and each row leads there', async ({ page }) => {
  await open(page, '?site=shop&period=7d&tab=places:country')
  const asked = []
  page.on('request', (request) => request.url().endsWith('/query') && asked.push(request.url()))
  await page.getByRole('button', { name: /^Why \d+ (more|fewer)/ }).click()
  const include = { compare: 'previous' }
  const ask = (more) => api('/query', { site: 'shop', date_range: '7d', metrics: ['visitors'], include, ...more })
  const total = (await ask({})).results[0]
  const change = total.metrics[0] - total.comparison.metrics[0]
  const moves = []
  for (const dimension of ['channel', 'page', 'country', 'browser', 'event']) {
    const { results } = await ask({ dimensions: [dimension], order_by: [['visitors', 'desc']], pagination: { limit: dimension === 'event' ? 11 : 10 } })
    for (const row of results) if (row.dimensions[0]) moves.push(row.metrics[0] - row.comparison.metrics[0])
  }
  moves.sort((one, other) => Math.abs(other) - Math.abs(one))
  const told = await page.locator('.why li').allInnerTexts()
  assert.equal(told.length, 6)
  assert.deepEqual(told.map((text) => Number(text.match(/(\d+) → (\d+)/)[2]) - Number(text.match(/(\d+) → (\d+)/)[1])), moves.slice(0, 6))
  const part = moves[0] / change
  const share = part > 1 ? 'more than the whole change' : `${new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 0 }).format(part)} of the change`
  assert.ok(told[0].includes(share) || part < 0, told[0])
  assert.deepEqual(asked, [])
  await and(page, () => page.locator('.why .name').first().click())
  assert.match(search(page), /&f=is,/)
})

scenario('a finger sees a point, keeps it, moves it, and looks closer with the second tap', async ({ page }) => {
  await open(page, '?site=shop')
  await page.locator('.graph').scrollIntoViewIfNeeded()
  const box = await page.locator('.graph').boundingBox()
  const tap = (x) => page.touchscreen.tap(box.x + x, box.y + 80)
  await tap(200)
  const first = await page.locator('.point b').innerText()
  await page.waitForTimeout(300)
  assert.equal(await page.locator('.point b').innerText(), first)
  assert.equal(search(page), '?site=shop')
  await tap(300)
  assert.notEqual(await page.locator('.point b').innerText(), first)
  await and(page, () => tap(300))
  assert.match(search(page), /period=\d{4}-\d\d-\d\d/)
}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

scenario('from right to left everything has its place', async ({ page }) => {
  for (const query of ['?site=shop&f=is,country,DE&f=is_not,page,/a', '?site=shop&detail=page', '?site=shop&view=live']) {
    await open(page, query)
    await page.evaluate(() => (document.documentElement.dir = 'rtl'))
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, query)
    const cut = await page.locator('.top > *, .chips li, .kpis li, .panel').evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().left < 0 || one.getBoundingClientRect().right > innerWidth).map((one) => one.className))
    assert.deepEqual(cut, [], query)
  }
}, { locale: 'ar', viewport: { width: 360, height: 780 } })

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
  // Nor does it stay where an address with a key is opened on the page that is open already.
  const loaded = page.waitForEvent('load')
  await page.goto(`${given.url}/?site=shop#key=${given.key}`)
  await loaded
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
  await page.getByText('This is no key that the server knows').waitFor()
  const { id, key } = await api('/sites/shop/keys', { scope: 'read' })
  await open(page, '?period=7d', key)
  await api(`/sites/shop/keys/${id}`, undefined, given.key, 'DELETE')
  await page.keyboard.press('t')
  await page.getByText('This key no longer works').waitFor()
  await page.getByLabel('API key').fill(given.readKey)
  await page.getByRole('button', { name: 'Show the numbers' }).click()
  await ready(page)
  assert.equal(search(page), '', 'the page that was asked for')
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
  assert.equal(await reading.locator('.site').innerText(), 'Shop')
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
  await page.locator('.skip').focus()
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate(() => document.activeElement.closest('main') !== null), true)
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
  await page.getByRole('button', { name: 'Overview' }).click()
  await ready(page)
  assert.equal(search(page), '?site=shop')
})

// ---- shared links

/** A new link of the shop: its id, and its address from the path on. */
async function link(more = {}) {
  const { share, url } = await api('/sites/shop/shares', more)
  return { id: share.id, path: url.replace(given.url, '') }
}
const revoke = (id) => api(`/sites/shop/shares/${id}`, undefined, given.key, 'DELETE')
const follow = async (page, path) => {
  await page.goto(given.url + path)
  await ready(page)
}
/** A page of another site, at an origin of its own, until `close`. */
async function elsewhere() {
  const pages = new Map()
  const server = createServer((request, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(pages.get(request.url) ?? ''))
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const origin = `http://127.0.0.1:${server.address().port}`
  const show = (path, html) => pages.set(path, `<!doctype html><title>Blog</title><h1>Blog</h1>${html}`) && origin + path
  return { origin, show, close: () => server.close() }
}

scenario('a link is made, read by somebody else under its filters, and revoked', async ({ page, context, told }) => {
  await open(page, '?site=shop&period=7d&f=is,country,DE,FR')
  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.locator('dialog')
  await dialog.getByLabel('Name').fill('For <b>Ada</b>')
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  await dialog.getByText('It is shown this once').waitFor()
  const address = await dialog.locator('.copy code').innerText()
  assert.match(address, new RegExp(`^${given.url}/share/shop_[0-9a-f]{16}\\?period=7d#k=ffl_[0-9a-f]{48}$`))

  const other = await context.newPage()
  await other.goto(address)
  await ready(other)
  const filters = [['is', 'country', ['DE', 'FR']]]
  const number = async (more) => reader('en-US')('visitors', (await api('/query', { site: 'shop', metrics: ['visitors'], ...more })).results[0].metrics[0])
  assert.equal(await kpi(other, 'visitors'), await number({ date_range: '7d', filters }))
  assert.equal(await other.locator('.site').innerText(), 'Shop · For <b>Ada</b>')
  assert.equal(await other.locator('.chips .fixed').innerText(), 'Country is Germany or France')
  assert.equal(await other.locator('.chips .fixed button').count(), 0)
  for (const name of ['Share', 'Sign out', '+ Note']) assert.equal(await other.getByRole('button', { name, exact: true }).count(), 0, name)
  assert.equal(await other.locator('.now, #site').count(), 0, 'live numbers know no filters')
  await other.keyboard.press('r')
  assert.equal(new URL(other.url()).search, '?period=7d')

  // Its own filters narrow; Escape takes those off and no other; the secret stays where a copied or kept address has it.
  await and(other, () => panel(other, 'pages').getByRole('button', { name: '/pricing', exact: true }).click())
  assert.equal(search(other), '?period=7d&f=is,page,/pricing')
  assert.equal(new URL(other.url()).hash, new URL(address).hash)
  const narrowed = [...filters, ['is', 'page', ['/pricing']]]
  assert.equal(await kpi(other, 'visitors'), await number({ date_range: '7d', filters: narrowed }))
  await other.reload()
  await ready(other)
  assert.equal(await kpi(other, 'visitors'), await number({ date_range: '7d', filters: narrowed }))
  await and(other, () => other.keyboard.press('Escape'))
  assert.equal(search(other), '?period=7d')
  assert.equal(await other.locator('.chips .fixed').count(), 1)
  assert.ok(!(await other.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie)).includes(given.key))

  const mine = dialog.locator('.links li', { hasText: 'For <b>Ada</b>' })
  await mine.getByRole('button', { name: /^Revoke/ }).click()
  await mine.getByRole('button', { name: /^Really revoke/ }).click()
  await mine.getByText('revoked').waitFor()
  assert.equal(told.length, 0, told.join())
  await other.keyboard.press('y')
  await other.getByText('This link does not work any more').waitFor()
  assert.equal(await other.locator('.kpi').count(), 0)
  told.length = 0
})

scenario('a link without filters shows who is here, and notes that its reader cannot change', async ({ page, told }) => {
  const { path, id } = await link()
  const note = (await api('/sites/shop/annotations', { at: new Date(Date.now() - 86400000).toISOString(), text: 'Seen by all' })).annotation
  await follow(page, path)
  await page.locator('.now').waitFor()
  await page.locator('.note-mark').last().click()
  await page.locator('dialog').getByText('Seen by all').waitFor()
  assert.equal(await page.locator('dialog').getByRole('button', { name: /^Delete/ }).count(), 0)
  await page.keyboard.press('Escape')
  await page.keyboard.press('r')
  await page.locator('.live h1').waitFor()
  assert.match(new URL(page.url()).search, /view=live/)
  await api(`/sites/shop/annotations/${note.id}`, undefined, given.key, 'DELETE')
  await revoke(id)
  told.length = 0
})

scenario('a password is asked for, and not again in this tab; who tried too many is told to wait', async ({ page, context, told }) => {
  const { path, id } = await link({ password: 'correct horse' })
  await page.goto(given.url + path)
  const field = page.getByLabel('Password of this link')
  await field.fill('wrong horse')
  await page.getByRole('button', { name: 'Show the numbers' }).click()
  await page.getByText('This is not the password of this link').waitFor()
  await field.fill('correct horse')
  await page.keyboard.press('Enter')
  await page.locator('.kpi').first().waitFor()
  await ready(page)
  await page.reload()
  await ready(page)
  assert.equal(await page.locator('.kpi').count(), 6)
  assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).includes('correct horse'))

  const secret = path.split('#k=')[1]
  for (let tries = 0; tries < 10; tries++) await fetch(`${given.url}/shares/${id}/session`, { method: 'POST', body: JSON.stringify({ secret, password: 'wrong horse' }) })
  const other = await context.newPage()
  await other.goto(given.url + path)
  await other.getByLabel('Password of this link').fill('correct horse')
  await other.keyboard.press('Enter')
  await other.getByText('Try again in a quarter of an hour').waitFor()
  await revoke(id)
  told.length = 0
})

scenario('a link that does not work says so, and one that cannot be opened now can be tried again', async ({ page, told }) => {
  const { path, id } = await link()
  for (const wrong of [path.replace(/.$/, 'x'), '/share/shop_0123456789abcdef#k=ffl_x', '/share/nothing#k=ffl_x', '/share/%E0%A4%A#k=x']) {
    await page.goto(given.url + wrong)
    await page.getByText('This link does not work any more').waitFor()
    await page.goto('about:blank')
  }
  await page.goto(given.url + path.split('#')[0])
  await page.getByText('the end of the link, from # on, is missing').waitFor()
  // Somebody puts the missing end into the address.
  await page.evaluate((hash) => (location.hash = hash), path.split('#')[1])
  await ready(page)
  await page.locator('.kpi').first().waitFor()

  await page.evaluate(() => sessionStorage.clear())
  await page.route('**/session', failing(503))
  await page.reload()
  await page.getByText('trouble answering right now').waitFor()
  await page.unroute('**/session')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('.kpi').first().waitFor()

  // A token that ends is changed for another, and nobody is asked anything.
  let ended = false
  await page.clock.install()
  await page.clock.fastForward(60_000)
  await page.route('**/query', async (route) => {
    if (ended) return route.continue()
    ended = true
    await route.fulfill({ status: 401, body: '{"code":"wrong_key","message":"Over."}' })
  })
  await page.keyboard.press('w')
  await page.waitForResponse((response) => response.url().endsWith('/query') && response.ok())
  await ready(page)
  assert.match(search(page), /period=7d/)
  assert.equal(await page.locator('.kpi').count(), 6)
  await revoke(id)
  told.length = 0
})

scenario('within another page there is no head, the colours asked for, and the height is told; no other site may', async ({ page, told }) => {
  const blog = await elsewhere()
  const stranger = await elsewhere()
  await open(page, '?site=shop')
  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.locator('dialog')
  await dialog.getByLabel('Name').fill('"Blog" <1>')
  await dialog.getByLabel('Sites that may embed it').fill(`${blog.origin}/some/page`)
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const snippet = await dialog.locator('.copy code').last().innerText()
  await page.goto(blog.show('/', snippet))
  const frame = page.frameLocator('iframe')
  await frame.locator('main#main[aria-busy=false]').waitFor()
  await frame.locator('.freshness').waitFor()
  assert.equal(await page.locator('iframe').getAttribute('title'), '"Blog" <1>')
  assert.equal(await frame.locator('.top').count(), 0)
  const inner = page.frames().find((one) => one.url().startsWith(given.url))
  await inner.waitForFunction(() => innerHeight === Math.ceil(document.getElementById('root').getBoundingClientRect().height) && innerHeight > 1600)
  assert.equal(await inner.evaluate(() => document.documentElement.scrollHeight), await inner.evaluate(() => innerHeight), 'nothing scrolls in the frame')
  assert.equal(await inner.evaluate(() => document.documentElement.dataset.theme), undefined)

  // A long list opens where it was asked for, not in the middle of a frame that is higher than the window.
  const more = frame.locator('.panel.devices').getByRole('button', { name: 'Details' })
  const at = await more.evaluate((button) => button.getBoundingClientRect().top)
  await more.click()
  await frame.locator('dialog tbody tr').first().waitFor()
  const box = await frame.locator('dialog').evaluate((shown) => ({ top: shown.getBoundingClientRect().top, bottom: shown.getBoundingClientRect().bottom }))
  assert.ok(box.top < at && at < box.bottom + 100, JSON.stringify({ box, at }))

  await page.goto(blog.show('/dark', snippet.replace('embed=1', 'embed=1&amp;theme=dark')))
  await frame.locator('main#main[aria-busy=false]').waitFor()
  const dark = page.frames().find((one) => one.url().startsWith(given.url))
  assert.equal(await dark.evaluate(() => document.documentElement.dataset.theme), 'dark')
  assert.equal(told.length, 0, told.join())

  const refused = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()))
  await page.goto(stranger.show('/', snippet))
  await refused
  assert.equal(await frame.locator('.kpi').count(), 0)
  blog.close()
  stranger.close()
  told.length = 0
}, { colorScheme: 'light' })

scenario('a frame that may keep nothing shows the numbers too', async ({ page }) => {
  const blog = await elsewhere()
  const { path, id } = await link({ frame_ancestors: [blog.origin] })
  await page.addInitScript(() => {
    if (window === top) return
    for (const name of ['sessionStorage', 'localStorage']) Object.defineProperty(window, name, { get: () => { throw new DOMException('No.', 'SecurityError') } })
  })
  const [address, secret] = path.split('#')
  await page.goto(blog.show('/', `<iframe title="Numbers" src="${given.url}${address}?embed=1#${secret}"></iframe>`))
  await page.frameLocator('iframe').locator('main#main[aria-busy=false]').waitFor()
  assert.equal(await page.frameLocator('iframe').locator('.kpi').count(), 6)
  await revoke(id)
  blog.close()
})

scenario('what no link can be is said before and after it is asked for', async ({ page, told }) => {
  await open(page, '?site=shop')
  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.locator('dialog')
  await dialog.getByLabel('Sites that may embed it').fill('blog.example, javascript:alert(1)')
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  await dialog.getByText('“javascript:alert(1)” is no address of a site').waitFor()
  await dialog.getByLabel('Sites that may embed it').fill('blog.example')
  await page.route('**/shares', failing(503))
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  await dialog.getByText('trouble answering right now').waitFor()
  await page.unroute('**/shares')
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  await dialog.getByText('In a page of https://blog.example').waitFor()
  told.length = 0
})

// ---- notes and deploys

scenario('a note is written, read by pointer, keyboard and table, and deleted', async ({ page }) => {
  const text = '<img src=x onerror="window.hurt=6"> v1.4.0'
  await open(page, '?site=shop')
  const before = await page.locator('.note-mark').count()
  await page.getByRole('button', { name: '+ Note' }).click()
  const dialog = page.locator('dialog')
  const today = await dialog.getByLabel('Day').inputValue()
  const day = new Date(Date.parse(today) - 12 * 86400000).toISOString().slice(0, 10)
  await dialog.getByLabel('Day').fill(day)
  await dialog.getByLabel('Time in Europe/Berlin').fill('00:30')
  await dialog.getByLabel('Kind').selectOption('deploy')
  await dialog.getByLabel('What happened').fill(text)
  await dialog.getByRole('button', { name: 'Write it' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.waitForFunction((count) => document.querySelectorAll('.note-mark').length === count, before + 1)

  // It lies on its day of the site's calendar, whatever the reader's zone is.
  const graph = page.getByRole('slider')
  await graph.focus()
  await page.keyboard.press('End')
  for (let back = 0; back < 12; back++) await page.keyboard.press('ArrowLeft')
  assert.ok((await graph.getAttribute('aria-valuetext')).endsWith(`deploy: ${text}`))
  assert.equal(await page.locator('.point-notes').innerText(), text)

  const mark = page.getByRole('button', { name: 'Deploy', exact: true })
  await mark.hover()
  await page.locator('.mark-text').waitFor()
  assert.match(await page.locator('.mark-text').innerText(), /^Deploy · .*, 12:30\sAM\s+<img src=x/)
  await page.mouse.move(0, 0)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Home')
  await page.locator('.mark-text').waitFor()
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('.mark-text').count(), 0)

  await page.getByRole('button', { name: 'Table' }).click()
  const label = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', weekday: 'short', month: 'short', day: 'numeric' }).format(Date.parse(day))
  assert.equal(await page.locator('.course-table tr', { hasText: label }).locator('td.noted').innerText(), text)
  await page.getByRole('button', { name: 'Table' }).click()

  await mark.focus()
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: /^Delete/ }).click()
  await dialog.getByRole('button', { name: /^Really delete/ }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.waitForFunction((count) => document.querySelectorAll('.note-mark').length === count, before)
  assert.equal(await page.evaluate(() => window.hurt), undefined)
})

scenario('notes that lie on each other are one mark, and each lies in its hour, week or month', async ({ page }) => {
  const now = Date.now()
  const made = []
  for (const hours of [30, 31, 52]) made.push((await api('/sites/shop/annotations', { at: new Date(now - hours * 3600000).toISOString(), text: `before ${hours}` })).annotation.id)
  const marked = async (query) => {
    await open(page, query)
    await page.locator('.note-mark').first().waitFor()
    await page.getByRole('button', { name: 'Table' }).click()
    const texts = await page.locator('td.noted').allInnerTexts()
    return texts.filter(Boolean).join('; ').split('; ').sort()
  }
  for (const query of ['?site=shop&period=7d', '?site=shop&period=7d&interval=hour', '?site=shop&period=90d&interval=week', '?site=shop&period=all&interval=month']) {
    assert.deepEqual(await marked(query), ['before 30', 'before 31', 'before 52'], query)
  }
  await open(page, '?site=shop&period=all&interval=month')
  await page.locator('.note-mark').first().waitFor()
  assert.ok((await page.locator('.note-mark').count()) <= 2)
  for (const id of made) await api(`/sites/shop/annotations/${id}`, undefined, given.key, 'DELETE')
})

scenario('a key that only reads sees notes and links of nobody', async ({ page, told }) => {
  const note = (await api('/sites/shop/annotations', { at: new Date(Date.now() - 86400000).toISOString(), text: 'For readers' })).annotation
  await open(page, '', given.readKey)
  await page.locator('.note-mark').last().click()
  await page.locator('dialog').getByText('For readers').waitFor()
  assert.equal(await page.locator('dialog').getByRole('button', { name: /^Delete/ }).count(), 0)
  await page.keyboard.press('Escape')
  for (const name of ['Share', '+ Note']) assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name)
  await api(`/sites/shop/annotations/${note.id}`, undefined, given.key, 'DELETE')
  told.length = 0
})

// ---- live

const viewed = (page, more = {}) =>
  fetch(`${given.url}/pageview?site=shop`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${given.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ site: 'shop', anonymousId: `live-${page}`, page: { path: page }, ...more }),
  })
/** A page that several look at, so that it is among the ten that are listed. */
const crowded = (page) => Promise.all(['a', 'b', 'c'].map((who) => viewed(page, { anonymousId: who })))
const atOnce = (page) => page.getByText('· as it happens').waitFor()
const lookedUp = (page) => page.getByText('· looked up every 5 seconds').waitFor()
const numbers = (more = {}) => JSON.stringify({ type: 'realtime', activeUsers: 7, pageviewsLast5Min: 9, pages: [], perMinute: Array(30).fill(0), meta: { site: 'shop', at: new Date().toISOString() }, ...more })

scenario('an event is seen within two seconds, as text, and no key is in any address', async ({ page }) => {
  const addresses = []
  page.on('request', (request) => addresses.push(request.url()))
  page.on('websocket', (socket) => addresses.push(socket.url()))
  await open(page, '?site=shop&view=live')
  await atOnce(page)
  await viewed('/first')
  await page.locator('.happening li').first().waitFor()
  const took = []
  for (const path of ['/soon', given.hostile.page, '/sooner', '/again-soon', '/last']) {
    const began = Date.now()
    await viewed(path)
    await page.locator('.happening li', { hasText: path }).first().waitFor()
    took.push(Date.now() - began)
  }
  // Of one alone a busy machine can make more.
  assert.ok([...took].sort((one, other) => one - other)[2] <= 2000, `after ${took} ms`)
  await fetch(`${given.url}/track?site=shop`, { method: 'POST', headers: { Authorization: `Bearer ${given.key}`, 'content-type': 'application/json' }, body: JSON.stringify({ site: 'shop', anonymousId: 'live', event: { name: given.hostile.event }, page: { path: '/soon' } }) })
  await page.locator('.happening b', { hasText: given.hostile.event }).waitFor()
  assert.equal(await page.evaluate(() => window.hurt), undefined)
  assert.equal(await page.locator('#root img, #root script').count(), 0)
  await page.waitForFunction((path) => [...document.querySelectorAll('.live tbody .name')].some((one) => one.innerText === path), given.hostile.page)
  assert.ok(addresses.some((address) => address.startsWith('ws')))
  for (const address of addresses) assert.ok(!address.includes(given.key), address)
})

scenario('a socket that is cut is replaced; meanwhile the numbers are looked up', async ({ page, told }) => {
  const sockets = []
  await page.routeWebSocket(/ticket=/, (socket) => {
    sockets.push(socket)
    socket.connectToServer()
  })
  await open(page, '?site=shop&view=live')
  await atOnce(page)
  await page.route('**/realtime/ticket', failing(503, { 'retry-after': '1' }))
  const asked = page.waitForRequest((request) => /\/realtime\?/.test(request.url()))
  await sockets[0].close({ code: 1001 })
  await asked
  await lookedUp(page)
  await page.locator('.huge', { hasText: /^\d+$/ }).waitFor()
  await page.unroute('**/realtime/ticket')
  await atOnce(page)
  assert.equal(sockets.length, 2)
  await viewed('/again')
  await page.locator('.happening li', { hasText: '/again' }).first().waitFor()
  assert.equal(await page.locator('.live [role=alert]').count(), 0)
  told.length = 0
})

for (const way of ['without a route', 'while it fails', 'that close at once', 'that say nothing we know']) {
  scenario(`sockets ${way} leave numbers that are looked up`, async ({ page, told }) => {
    if (way === 'without a route') await page.route('**/realtime/ticket', failing(404))
    if (way === 'while it fails') await page.route('**/realtime/ticket', failing(503))
    await page.routeWebSocket(/ticket=/, (socket) => {
      if (way === 'that close at once') void socket.close()
      else socket.onMessage(() => { for (const text of ['{"message":"Internal server error"}', 'null', '[1', '7', '{"type":"error","code":"counters_unavailable"}']) socket.send(text) })
    })
    await open(page, '?site=shop&view=live')
    await lookedUp(page)
    await crowded(`/${way.replaceAll(' ', '-')}`)
    await page.locator('.live tbody .name', { hasText: `/${way.replaceAll(' ', '-')}` }).waitFor()
    told.length = 0
  })
}

scenario('a socket is pinged, and replaced before its time is over without a gap', async ({ page }) => {
  const sockets = []
  await page.route('**/realtime/ticket', (route) => route.fulfill({ json: { ticket: `t${sockets.length}`, url: `${given.url.replace('http', 'ws')}/live`, expires: '' } }))
  let pings = 0
  let answers = true
  await page.routeWebSocket(/ticket=/, (socket) => {
    const one = { socket, ticket: socket.url().split('?')[1], closed: false }
    sockets.push(one)
    socket.onMessage((text) => {
      assert.equal(text, 'ping')
      if (answers) socket.send(numbers({ activeUsers: ++pings }))
    })
    socket.onClose(() => (one.closed = true))
  })
  const shown = (count) => page.locator('.huge', { hasText: new RegExp(`^${count}$`) }).waitFor()
  await page.clock.install()
  await open(page, '?site=shop&view=live')
  await atOnce(page)
  await shown(1)
  for (let count = 2; count <= 28; count++) {
    await page.clock.runFor(30_000)
    await shown(count)
  }
  assert.equal(sockets.length, 1)
  await page.clock.runFor(30_000)
  await shown(30)
  assert.deepEqual(sockets.map((one) => [one.ticket, one.closed]), [['ticket=t0', true], ['ticket=t1', false]])
  await atOnce(page)
  // One that the server ends is replaced the same way.
  sockets[1].socket.send(JSON.stringify({ type: 'error', code: 'socket_over', message: 'Over.' }))
  await shown(31)
  assert.deepEqual(sockets.map((one) => one.closed), [true, true, false])
  await atOnce(page)
  // Who leaves while one is being replaced leaves none behind.
  answers = false
  sockets[2].socket.send(JSON.stringify({ type: 'error', code: 'socket_over', message: 'Over.' }))
  while (sockets.length < 4) await page.waitForTimeout(10)
  await page.getByRole('button', { name: 'Overview' }).click()
  await ready(page)
  while (sockets.some((one) => !one.closed)) await page.waitForTimeout(10)
})

scenario('who watches with a key or link that is revoked is told so by the next ping', async ({ page, context, told }) => {
  const { id, path } = await link()
  const other = await context.newPage()
  for (const one of [page, other]) await one.clock.install()
  await follow(page, path.replace('#', '?view=live#'))
  await atOnce(page)
  const key = await api('/sites/shop/keys', { scope: 'read' })
  await open(other, '?view=live', key.key)
  await atOnce(other)
  await revoke(id)
  await page.clock.runFor(30_000)
  await page.getByText('This link does not work any more').waitFor()
  await api(`/sites/shop/keys/${key.id}`, undefined, given.key, 'DELETE')
  await other.clock.runFor(30_000)
  await other.getByText('This key no longer works').waitFor()
  told.length = 0
})

scenario('a hidden page has no socket and asks nothing', async ({ page }) => {
  const sockets = new Set()
  await page.routeWebSocket(/ticket=/, (socket) => {
    const server = socket.connectToServer()
    sockets.add(socket)
    socket.onClose(() => sockets.delete(socket) && server.close())
  })
  const see = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
  await open(page, '?site=shop&view=live')
  await atOnce(page)
  await see(true)
  const asked = []
  page.on('request', (request) => asked.push(request.url()))
  await page.waitForTimeout(6000)
  assert.deepEqual(asked, [])
  assert.equal(sockets.size, 0)
  await see(false)
  await crowded('/seen-again')
  await page.locator('.live tbody .name', { hasText: '/seen-again' }).waitFor()
  await atOnce(page)
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
  assert.match(await page.locator('.shown').innerText(), /^Shown: May 17 – 20, 2015, as of \d+:\d+/)
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('main')).opacity), '1', 'nothing loses its contrast')
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

scenario('what cannot be drawn says what to do, and Back tries again', async ({ page, told }) => {
  await open(page, `?${LOGS}`)
  await page.route('**/query', (route) => route.fulfill({ json: JSON.parse(route.request().postData()).map(() => ({ results: null, meta: {}, query: {} })) }))
  await page.keyboard.press('d')
  await page.getByRole('alert').getByText('This page could not be drawn').waitFor()
  assert.equal(await page.getByRole('link', { name: 'Open without settings' }).getAttribute('href'), '/?')
  await axeOnce(page, 'broken')
  await page.unroute('**/query')
  await page.goBack()
  await ready(page)
  assert.ok(Number(await kpi(page, 'visitors')) > 20)
  told.length = 0
})

scenario('a pattern that is no regular expression is named once, and taken off', async ({ page }) => {
  await open(page, '?site=shop&f=matches,page,%28&f=is,country,DE')
  assert.match(await page.locator('.trouble').innerText(), /^This filter is no regular expression .* Page matches \(\. Change it above, or remove it/)
  assert.equal(await page.locator('.trouble, .skeleton').count(), 1)
  await and(page, () => page.getByRole('button', { name: 'Remove this filter' }).click())
  assert.equal(search(page), '?site=shop&f=is,country,DE')
})

scenario('while the list of values, a file or a note cannot be had, the reason stands there', async ({ page, told }) => {
  await open(page, '?site=shop')
  await page.route('**/values?**', (route) => route.abort())
  await page.getByRole('button', { name: '+ Filter' }).click()
  await page.locator('dialog [role=alert]').getByText('cannot be listed: The server cannot be reached').waitFor()
  assert.equal(await page.locator('dialog').getByRole('status').innerText(), '')
  await page.keyboard.press('Escape')
  await page.route('**/query', failing(503))
  await panel(page, 'pages').getByRole('button', { name: 'Page as CSV' }).click()
  await panel(page, 'pages').getByText('No CSV: The server has trouble answering').waitFor()
  await page.getByRole('button', { name: '+ Note' }).click()
  await page.getByLabel('What happened').fill('   ')
  await page.getByRole('button', { name: 'Write it' }).click()
  await page.getByText('the note has no text yet').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Custom' }).click()
  await page.getByLabel('First day').fill('0026-11-01')
  await page.getByText('write the year with four digits').waitFor()
  await page.locator('dialog').getByRole('button', { name: 'Show' }).click()
  assert.equal(await page.locator('dialog').count(), 1)
  told.length = 0
})

scenario('words are English where numbers are written otherwise, and the list of countries goes by them', async ({ page }) => {
  await open(page, '?site=shop&detail=country')
  const dialog = page.locator('dialog')
  await dialog.getByRole('searchbox').fill('germ')
  await page.waitForFunction(() => document.querySelectorAll('dialog tbody tr').length === 1)
  assert.equal(await dialog.locator('tbody .name').innerText(), 'Germany')
  await dialog.getByRole('searchbox').fill('')
  await page.waitForFunction(() => document.querySelectorAll('dialog tbody tr').length > 5)
  await dialog.getByRole('button', { name: 'Country', exact: true }).click()
  const listed = await dialog.locator('tbody .name').allInnerTexts()
  assert.deepEqual(listed, [...listed].sort(new Intl.Collator('en').compare))
  await page.keyboard.press('Escape')
  assert.match(await page.locator('.verdict').innerText(), /for a (Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day/)
}, { locale: 'de-DE' })

scenario('on a phone a finger near several countries is asked which, and everything is as large as it', async ({ page }) => {
  await open(page, '?site=shop&f=is,page,/pricing')
  await page.locator('.map path').first().waitFor()
  const small = await page.locator('button, .top a, select').evaluateAll((all) =>
    all.map((one) => [one, one.getBoundingClientRect()]).filter(([one, box]) => box.width && (box.height < 40 || box.width < 40) && !one.closest('.verdict')).map(([one, box]) => `${one.className} ${one.innerText} ${box.width} ${box.height}`))
  assert.deepEqual(small, [])
  for (const one of await page.locator('.top button').all()) assert.ok((await one.boundingBox()).width >= 44)
  await page.locator('.map').scrollIntoViewIfNeeded()
  const box = await page.locator('.map path[data-code=NL]').boundingBox()
  await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2)
  const which = page.getByRole('group', { name: 'Which country?' }).getByRole('button')
  await which.filter({ hasText: 'Germany' }).waitFor()
  await and(page, () => which.filter({ hasText: 'Netherlands' }).click())
  assert.match(search(page), /&f=is,country,NL/)
}, { viewport: { width: 360, height: 780 }, hasTouch: true })

scenario('a map that cannot be loaded says where its numbers are', async ({ page, told }) => {
  await page.route('**/world-*.js', (route) => route.abort())
  await open(page, '?site=shop')
  await panel(page, 'places').getByText('The map cannot be loaded. The tab Country').waitFor()
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
  // The last of more points than what it leads to has.
  await open(page, '?site=shop')
  await graph.focus()
  await page.keyboard.press('End')
  await and(page, () => page.keyboard.press('Enter'))
  await page.keyboard.press('ArrowRight')
  assert.match(await graph.getAttribute('aria-valuetext'), /visitors/)
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
    const note = (await api('/sites/shop/annotations', { at: new Date(Date.now() - 9 * 86400000).toISOString(), text: 'Newsletter' })).annotation
    await open(page, '?site=shop&f=is,country,DE')
    await page.locator('.note-mark').last().focus()
    await page.keyboard.press('Home')
    await page.locator('.mark-text').waitFor()
    await axe(page, 'mark')
    await page.getByRole('button', { name: /^Why/ }).click()
    await axe(page, 'why')
    await page.locator('.note-mark').last().focus()
    await page.keyboard.press('Enter')
    await page.locator('dialog').waitFor()
    await axe(page, 'notes')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: '+ Note' }).click()
    await axe(page, 'new note')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Share' }).click()
    const dialog = page.locator('dialog')
    await dialog.getByLabel('Name').fill('Axe')
    await dialog.getByLabel('Sites that may embed it').fill('https://blog.example')
    await axe(page, 'share')
    await dialog.getByRole('button', { name: 'Make the link' }).click()
    await dialog.getByText('It is shown this once').waitFor()
    await dialog.locator('.links button').first().click()
    await axe(page, 'made')
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, 'share')
    const [address, secret] = (await dialog.locator('.copy code').first().innerText()).split('#')
    for (const [where, path] of [['link', `${address}#${secret}`], ['frame', `${address}?embed=1#${secret}`]]) {
      await page.goto('about:blank')
      await page.goto(path)
      await ready(page)
      await page.locator('.kpi').first().waitFor()
      await axe(page, where)
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, where)
    }
    await page.goto('about:blank')
    await page.goto(address)
    await page.evaluate(() => sessionStorage.clear())
    await page.reload()
    await page.getByRole('alert').waitFor()
    await axe(page, 'closed link')
    await page.goto(given.url + (await link({ password: 'correct horse' })).path)
    await page.getByLabel('Password of this link').waitFor()
    await axe(page, 'password')
    await api(`/sites/shop/annotations/${note.id}`, undefined, given.key, 'DELETE')
    await page.goto(`${given.url}/#key=${given.key}`)
    await ready(page)
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
picture('share', '?site=shop&f=is,country,DE', { viewport: { width: 1100, height: 720 }, full: false }, async (page) => {
  await ready(page)
  await page.getByRole('button', { name: 'Share' }).click()
  const dialog = page.locator('dialog')
  await dialog.getByLabel('Name').fill('For the blog')
  await dialog.getByLabel('Sites that may embed it').fill('https://blog.example')
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  await dialog.getByText('It is shown this once').waitFor()
  await dialog.locator('.links li').first().waitFor()
})
picture('notes', '?site=shop', { viewport: { width: 900, height: 700 }, colorScheme: 'dark', full: false }, async (page) => {
  const made = []
  for (const [days, text, kind] of [[given.loud, 'On the front page of Hacker News', 'note'], [16, 'v1.4.0', 'deploy']]) {
    made.push((await api('/sites/shop/annotations', { at: new Date(Date.now() - days * 86400000).toISOString(), text, kind })).annotation.id)
  }
  await open(page, '?site=shop&period=30d')
  await page.locator('.note-mark').last().hover()
  await page.locator('.mark-text').waitFor()
  for (const id of made) await api(`/sites/shop/annotations/${id}`, undefined, given.key, 'DELETE')
})
picture('live', '?site=shop&view=live', { viewport: { width: 900, height: 770 }, full: false }, async (page) => {
  await atOnce(page)
  const agents = ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1']
  for (const [index, path] of ['/', '/pricing', '/docs/install', '/blog/launch'].entries()) await viewed(path, { context: { ip: ['80.128.0.1', '12.0.0.1', '90.0.0.1'][index % 3], userAgent: agents[index % 2] } })
  await page.locator('.happening li').nth(3).waitFor()
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
