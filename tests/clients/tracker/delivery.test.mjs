// How events get to the collector: each once, whatever the network, the browser's storage and the page do.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createServer } from 'node:tls'
import { Collector, KEY, Site, left, listening, opened, turn, until, visitor } from './field.mjs'

const GRANTED = 'data-consent="granted"'
const QUEUE = 'footfall.queue.' + KEY
const NO_STORAGE = `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError') } })`
const FULL_STORAGE = `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }
  for (let size = 1 << 20; size; size >>= 1) try { for (;;) localStorage['filler' + Math.random()] = 'x'.repeat(size) } catch {}`

async function begun(options = {}, browser = {}) {
  const collector = await Collector.start()
  const site = await Site.start(collector, options)
  const context = await visitor(browser)
  return { collector, site, context }
}

/** Have a site's pages reach the collector over TLS with a handshake that takes its time. */
async function slowly(collector, site) {
  const folder = mkdtempSync(join(tmpdir(), 'footfall-'))
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const options = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=collect.test', '-keyout', keyFile, '-out', certFile]
  execFileSync('openssl', ['req', ...options], { stdio: 'ignore' })
  const [key, cert] = [readFileSync(keyFile), readFileSync(certFile)]
  rmSync(folder, { recursive: true })
  const server = createServer({ key, cert, SNICallback: (_, done) => setTimeout(done, 700, null, undefined) }, (socket) => {
    const behind = connect(collector.port, '127.0.0.1')
    socket.pipe(behind).pipe(socket)
    for (const one of [socket, behind]) one.on('error', () => {})
  })
  server.on('tlsClientError', () => {})
  const tag = site.tag.replace(collector.url, `https://collect.test:${await listening(server)}/batch`)
  site.files['/'] = ['text/html', `<!doctype html><title>Slow</title>${tag}`]
}

/** Wait until other tabs see what a tab has stored: they are processes of their own. */
async function kept(site, context) {
  site.files['/empty.html'] = ['text/html', '<!doctype html><title>Empty</title>']
  const page = await context.newPage()
  await page.goto(site.url + '/empty.html')
  await until(() => page.evaluate((name) => localStorage[name], QUEUE))
  await page.close()
}

const tracks = (page, names) => page.evaluate((names) => names.forEach((name) => footfall.track(name)), names)
/** A page of a site that was left: what that stored may need a moment to be seen here. */
const all = (collector, page, names) =>
  until(
    async () => {
      const said = await collector.end(page)
      return names.every((name) => said.includes('track ' + name))
    },
    () => collector.said(),
  )
const once = (collector, names) => {
  const found = collector.said().filter((one) => one.startsWith('track ') && !one.startsWith('track end '))
  assert.deepEqual(found.sort(), names.map((name) => 'track ' + name).sort())
}

for (const name of ['f.js', 'f.core.js']) {
  describe(name, { concurrency: 4 }, () => {
    test('a collector that is out for 10 s gets each event once, each try with its own sentAt', async () => {
      const { collector, site, context } = await begun({ name })
      await context.clock.install({ time: Date.now() })
      const page = await context.newPage()
      let isOut = true
      collector.answer = () => (isOut ? [503, {}] : [200, {}])
      await page.goto(site.url)
      await tracks(page, ['one', 'two'])

      // Tries after 0.25, 1.25, 3.25 and 7.25 s fail; the one after 15.25 s is taken.
      for (const [attempt, seconds] of [0.5, 1, 2, 4, 8].entries()) {
        if (attempt === 4) isOut = false
        await page.clock.runFor(seconds * 1000)
        // The clock stands, and the wait begins with the answer, whenever the machine brings that.
        await until(async () => collector.requests.length === attempt + 1 || (await page.clock.runFor(50)), () => collector.requests.length)
        await page.evaluate(() => fetch('/nothing').then((answer) => answer.text()))
        if (attempt === 2) await tracks(page, ['three'])
      }

      await until(() => collector.events().length >= 4, () => collector.said())
      assert.deepEqual(collector.said().sort(), ['pageview /', 'track one', 'track three', 'track two'])
      assert.equal(collector.deliveries(200).length, 4)
      const tries = collector.requests.filter((one) => one.sent)
      assert.equal(tries.length, 5)
      assert.equal(new Set(tries.map((one) => one.sent.sentAt)).size, tries.length)
      const view = tries.flatMap((one) => one.sent.batch).filter((event) => event.type === 'pageview')
      assert.equal(new Set(view.map((event) => event.eventId)).size, 1)
      assert.equal(new Set(view.map((event) => event.timestamp)).size, 1)
    })

    test('a 429 is obeyed for as long as it says', async () => {
      const { collector, site, context } = await begun({ name })
      collector.answer = () => (collector.requests.length ? [200, {}] : [429, { 'retry-after': '2' }])
      const page = await opened(site.url, context)

      assert.deepEqual(await collector.end(page), ['pageview /'])

      const [refused, taken] = collector.requests.filter((one) => one.sent)
      assert.equal(refused.status, 429)
      assert.ok(taken.at - refused.at >= 1990, `${taken.at - refused.at} ms`)
    })

    test('a page goes on for as long as it is open: more than 64 KiB in all, one batch after the other', async () => {
      const { collector, site, context } = await begun({ name })
      const page = await opened(site.url, context)

      // A browser lets a page have 64 KiB under way that shall outlive it, answers that nobody read included.
      await page.evaluate(async () => {
        for (let n = 0; n < 200; n += 1) {
          footfall.track('n' + n, { text: 'x'.repeat(200) })
          if (n % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 300))
        }
      })

      await collector.took(201)
      assert.deepEqual(context.errors, [])
    })

    test('what is hidden right after an event obeys a 429 all the same', async () => {
      const { collector, site, context } = await begun({ name })
      const page = await context.newPage()
      await page.clock.install({ time: Date.now() })
      await page.goto(site.url)
      await page.clock.runFor(300)
      await until(() => collector.requests.length === 1)
      await page.evaluate(() => fetch('/nothing').then((answer) => answer.text()))

      collector.answer = () => [429, { 'retry-after': '30' }]
      // In one task: the clock of the page goes on by itself between two.
      await page.evaluate(() => {
        footfall.track('bought')
        Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true })
        Object.defineProperty(document, 'hidden', { value: true, configurable: true })
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
      })
      await until(() => collector.requests.length === 2)
      await page.evaluate(() => fetch('/nothing').then((answer) => answer.text()))
      await page.clock.runFor(5_000)

      await page.evaluate(() => fetch('/nothing').then((answer) => answer.text()))
      assert.equal(collector.requests.length, 2)
    })

    test('a beacon that is refused becomes a request that outlives the page', async () => {
      const { collector, site, context } = await begun({ name }, { init: 'navigator.sendBeacon = () => false' })
      await slowly(collector, site)
      const page = await opened(site.url, context)

      await left(page)

      assert.deepEqual(await collector.took(1), ['pageview /'])
    })

    test('ids are unique on plain http, where randomUUID is missing', async () => {
      const { collector, site, context } = await begun({ name })
      const page = await opened(site.url, context)
      assert.equal(await page.evaluate(() => typeof crypto.randomUUID), 'undefined')

      await tracks(page, Array.from({ length: 200 }, (_, n) => 'n' + n))
      await collector.end(page)

      const ids = collector.events().map((event) => event.eventId)
      assert.equal(ids.length, 202)
      for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    })
  })
}

describe('f.js', { concurrency: 4 }, () => {
  test('of a burst that meets one 503 every event arrives, though no more than 100 are kept in the browser', async () => {
    const { collector, site, context } = await begun({ attributes: GRANTED })
    collector.answer = () => (collector.requests.length ? [200, {}] : [503, {}])
    const page = await opened(site.url, context)
    await page.evaluate(() => {
      for (let n = 0; n < 180; n += 1) footfall.track('n' + n)
    })

    await collector.took(181)

    const stored = await page.evaluate((name) => localStorage[name], QUEUE)
    assert.equal(stored, undefined)
    once(collector, Array.from({ length: 180 }, (_, n) => 'n' + n))
  })

  test('what is kept of one site is not sent with the key of another', async () => {
    const { collector, site, context } = await begun({ attributes: GRANTED })
    site.files['/other'] = ['text/html', site.page('/other').replace(KEY, 'ffw_other')]
    collector.answer = ({ sent }) => [sent.writeKey === KEY && !sent.batch[0].page.url.endsWith('/back') ? 503 : 200, {}]
    const page = await opened(site.url, context)
    await until(() => page.evaluate((name) => localStorage[name], QUEUE))
    await page.goto(site.url + '/other')
    assert.deepEqual(await collector.end(page), ['pageview /other'])
    collector.answer = () => [200, {}]

    await page.goto(site.url + '/back')

    await collector.end(page)
    const keys = collector.requests.filter(({ sent, status }) => status === 200 && sent).flatMap(({ sent }) => sent.batch.map(({ page }) => [new URL(page.url).pathname, sent.writeKey]))
    for (const [path, key] of keys) assert.equal(key, path === '/other' ? 'ffw_other' : KEY)
    assert.ok(keys.some(([path]) => path === '/'))
  })

  test('an opt-out while sending fails leaves nothing to be sent', async () => {
    const { collector, site, context } = await begun({ attributes: 'data-offline="store"' })
    collector.answer = () => [503, {}]
    const page = await opened(site.url, context)
    await until(() => page.evaluate((name) => localStorage[name], QUEUE))

    await page.evaluate(() => footfall.optOut())
    await turn(page, 'hidden')

    assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), ['footfall.out'])
  })

  test('what is refused for good is not sent again', async () => {
    for (const status of [400, 401, 413]) {
      const { collector, site, context } = await begun()
      collector.answer = () => (collector.requests.length ? [200, {}] : [status, {}])
      const page = await opened(site.url, context)
      await until(() => collector.requests.length)

      assert.deepEqual(await collector.end(page), [])
      assert.equal(collector.deliveries(status).length, 1)
    }
  })

  test('what happens offline is sent when the network is back, once, with the time it had', async () => {
    const { collector, site, context } = await begun()
    const page = await opened(site.url, context)
    await collector.took(1)
    await context.setOffline(true)
    await tracks(page, ['one', 'two'])
    await until(() => context.asked.filter((url) => url === collector.url).length > 1)
    const since = await page.evaluate(() => Date.now())

    await context.setOffline(false)

    await collector.end(page)
    once(collector, ['one', 'two'])
    for (const event of collector.events().slice(1, 3)) assert.ok(Date.parse(event.timestamp) <= since)
  })

  test('blocked and full storage lose nothing and break nothing', async () => {
    for (const init of [NO_STORAGE, FULL_STORAGE]) {
      const { collector, site, context } = await begun({}, { init })
      const page = await opened(site.url, context)
      await page.evaluate(() => {
        footfall.consent('granted')
        footfall.track('agreed')
        footfall.consent('denied')
      })

      assert.deepEqual(await collector.end(page), ['pageview /', 'track agreed'])
      assert.deepEqual(context.errors, [])
    }
  })

  test('a view arrives from a page that is closed at once over a slow handshake', async () => {
    const { collector, site, context } = await begun()
    await slowly(collector, site)
    const page = await opened(site.url, context)

    await left(page)

    assert.deepEqual(await collector.took(1), ['pageview /'])
  })

  test('a view arrives from a browser that does not say that it hides a page it closes', async () => {
    const init = "addEventListener('visibilitychange', (event) => event.stopImmediatePropagation(), true)"
    const { collector, site, context } = await begun({}, { init })
    const page = await opened(site.url, context)

    await left(page)

    assert.deepEqual(await collector.took(1), ['pageview /'])
  })

  test('what could not be sent before a tab was closed is sent from the next page, once', async () => {
    const { collector, site, context } = await begun({ attributes: GRANTED })
    const page = await opened(site.url, context)
    await collector.took(1)
    await context.setOffline(true)
    await tracks(page, ['one', 'two'])
    await until(() => page.evaluate((name) => localStorage[name], QUEUE))
    await left(page)
    await context.setOffline(false)
    await kept(site, context)

    const next = await opened(site.url + '/next', context)

    await all(collector, next, ['one', 'two'])
    once(collector, ['one', 'two'])
    assert.equal(collector.deliveries(200).filter((event) => event.event?.name === 'one').length, 1)
    assert.equal(await next.evaluate((name) => localStorage[name], QUEUE), undefined)
  })

  test('what is under way again when its page is left, and fails, is sent from the next page', async () => {
    const { collector, site, context } = await begun({ attributes: GRANTED })
    // The first try fails at once, the second when its page is gone.
    collector.answer = () => (collector.requests.length ? null : [503, {}])
    const page = await opened(site.url, context)
    await until(() => collector.waiting.length)

    await left(page)
    collector.answer = () => [200, {}]
    collector.refuse()
    await kept(site, context)

    const next = await opened(site.url + '/next', context)
    assert.deepEqual(await collector.end(next), ['pageview /', 'pageview /next'])
  })

  test('a tab that ends without a word has kept what could not be sent', async () => {
    const { collector, site, context } = await begun({ attributes: GRANTED })
    const page = await opened(site.url, context)
    await collector.took(1)
    await context.setOffline(true)
    await tracks(page, ['one'])
    await until(() => page.evaluate((name) => localStorage[name], QUEUE))
    await page.goto('chrome://crash').catch(() => {})
    await page.close()
    await context.setOffline(false)
    await kept(site, context)

    const next = await opened(site.url + '/next', context)

    await all(collector, next, ['one'])
    once(collector, ['one'])
  })

  test('without consent nothing of it is kept in the browser, unless it is asked for', async () => {
    for (const [attributes, isKept] of [['', false], ['data-offline="store"', true]]) {
      const { collector, site, context } = await begun({ attributes })
      const page = await opened(site.url, context)
      await collector.took(1)
      await context.setOffline(true)
      await tracks(page, ['one'])
      await turn(page, 'hidden')

      assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), isKept ? [QUEUE] : [])
    }
  })

  test('what is kept counts once, though two tabs find it', async () => {
    const { collector, site, context } = await begun({ attributes: GRANTED })
    const page = await opened(site.url, context)
    await collector.took(1)
    await context.setOffline(true)
    await tracks(page, ['one', 'two', 'three'])
    await turn(page, 'hidden')
    await context.setOffline(false)

    const tabs = await Promise.all([opened(site.url + '/a', context), opened(site.url + '/b', context)])

    for (const tab of tabs) await all(collector, tab, ['one', 'two', 'three'])
    once(collector, ['one', 'two', 'three'])
    // Tabs are processes of their own: both may have read it before either took it out. The id is the same.
    const ids = collector.deliveries(200).filter((event) => event.event?.name === 'one').map((event) => event.eventId)
    assert.equal(new Set(ids).size, 1)
  })

  test('of 100 kB at the end what a browser lets through goes, and the rest from the next page', async () => {
    const { collector, site, context } = await begun({ attributes: GRANTED })
    const page = await opened(site.url, context)
    await collector.took(1)
    const names = Array.from({ length: 80 }, (_, n) => 'n' + n)
    const before = collector.requests.length
    site.files['/empty.html'] = ['text/html', '<!doctype html><title>Empty</title>']
    await page.evaluate((names) => names.forEach((name) => footfall.track(name, { text: 'x'.repeat(1000) })), names)
    await page.goto(site.url + '/empty.html')
    await until(() => collector.said().includes('track n39'), () => collector.said())
    const last = collector.requests.slice(before)

    await page.goto(site.url + '/next')

    await all(collector, page, names)
    const bytes = last.reduce((sum, one) => sum + Buffer.byteLength(one.body), 0)
    // A batch may have gone before.
    assert.ok(bytes > 40_000 && bytes <= 65_536 + 21_000, `${bytes} bytes`)
    once(collector, names)
  })

  test('a long text of other letters than ours stays under 64 KiB', async () => {
    const { collector, site, context } = await begun()
    const page = await opened(site.url, context)
    await page.evaluate(() => {
      for (let n = 0; n < 12; n += 1) footfall.track('n' + n, { text: '界'.repeat(5000) })
    })
    await left(page)

    await until(() => collector.requests.length > 1)
    for (const { body } of collector.requests) assert.ok(Buffer.byteLength(body) <= 65_536)
  })

  test('an event that is too large is sent, refused, and holds up nothing', async () => {
    const { collector, site, context } = await begun()
    collector.answer = ({ body }) => (body.length > 65_536 ? [413, {}] : [200, {}])
    const page = await opened(site.url, context)
    await page.evaluate(() => footfall.track('huge', { text: 'x'.repeat(100_000) }))

    assert.deepEqual(await collector.end(page), ['pageview /'])
    assert.equal(collector.deliveries(413).length, 1)
  })
})
