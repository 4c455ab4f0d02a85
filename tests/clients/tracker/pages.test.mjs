// Which pageviews are counted: on plain pages and in applications of one page, with both builds and with browsers that
// have no Navigation API.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Collector, KEY, Site, left, opened, turn, until } from './field.mjs'

const WITHOUT_NAVIGATION = 'delete window.navigation'
const KINDS = [
  ['f.js', undefined],
  ['f.core.js', undefined],
  ['f.core.js', WITHOUT_NAVIGATION],
]

for (const [name, init] of KINDS) {
  describe(init ? `${name} without the Navigation API` : name, { concurrency: 4 }, () => {
    async function first(options = {}, path = '/') {
      const collector = await Collector.start()
      const site = await Site.start(collector, { name, ...options })
      const page = await opened(site.url + path, { init })
      return { collector, site, page }
    }

    test('a new path is a view, the same path, another query or fragment is none', async () => {
      const { collector, page } = await first()

      await page.evaluate(() => history.pushState({}, '', '/b'))
      await collector.took(2)
      await page.evaluate(() => {
        history.pushState({}, '', '/b')
        history.replaceState({ n: 1 }, '')
        history.pushState({}, '', '/b?page=2')
        location.hash = '#part'
      })

      assert.deepEqual(await collector.end(page), ['pageview /', 'pageview /b'])
    })

    test('a redirect within a navigation is one view, of where it ends', async () => {
      const { collector, page } = await first()

      await page.evaluate(() => {
        history.replaceState({}, '', '/')
        history.pushState({}, '', '/b')
      })
      await collector.took(2)
      await page.evaluate(() => {
        history.pushState({}, '', '/old')
        history.replaceState({}, '', '/new')
      })

      assert.deepEqual(await collector.end(page), ['pageview /', 'pageview /b', 'pageview /new'])
    })

    test('back and forward in an application are views with their titles', async () => {
      const { collector, page } = await first()
      await page.evaluate(() => {
        addEventListener('popstate', () => void (document.title = 'Page ' + location.pathname))
        history.pushState({}, '', '/b')
        document.title = 'Page /b'
      })
      await collector.took(2)

      await page.evaluate(() => history.back())
      await collector.took(3)
      await page.evaluate(() => history.forward())
      await collector.took(4)

      assert.deepEqual(await collector.end(page), ['pageview /', 'pageview /b', 'pageview /', 'pageview /b'])
      assert.deepEqual(collector.events().slice(0, 4).map((event) => event.page.title), ['Page /', 'Page /b', 'Page /', 'Page /b'])
    })

    test('what is tracked right after a navigation is of the new page', async () => {
      const { collector, page } = await first()

      await page.evaluate(() => {
        history.pushState({}, '', '/b')
        footfall.track('opened', { n: 1 })
      })

      assert.deepEqual(await collector.end(page), ['pageview /', 'pageview /b', 'track opened'])
      assert.equal(new URL(collector.events()[2].page.url).pathname, '/b')
      assert.deepEqual(collector.events()[2].event.properties, { n: 1 })
    })

    test('history keeps its values, its this and its errors', async () => {
      const { page } = await first()

      const seen = await page.evaluate(() => {
        const said = [history.pushState({ a: 1 }, '', '/b'), history.state.a]
        for (const wrong of [() => history.pushState({}, '', 'https://else.example/'), () => history.pushState.call({}, {}, '')]) {
          try {
            wrong()
            said.push('no error')
          } catch (error) {
            said.push(error.name)
          }
        }
        return said
      })

      assert.deepEqual(seen, [undefined, 1, 'SecurityError', 'TypeError'])
    })

    if (init) return

    test('a page that is loaded is one view in one request without a preflight', async () => {
      const { collector, site, page } = await first({}, '/a?utm_source=mail#part')

      assert.deepEqual(await collector.took(1), ['pageview /a'])
      const [{ method, path, headers, sent }, ...others] = collector.requests
      assert.deepEqual(others, [])
      assert.deepEqual([method, path, headers['content-type']], ['POST', '/batch', 'text/plain;charset=UTF-8'])
      assert.equal(sent.writeKey, KEY)
      const [{ type, eventId, timestamp, page: where, anonymousId, userId }] = sent.batch
      assert.match(eventId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.deepEqual([type, where.title, anonymousId, userId], ['pageview', 'Page /a', undefined, undefined])
      assert.ok(where.url.startsWith(site.url + '/a?utm_source=mail'))
      assert.ok(Date.parse(timestamp) <= Date.parse(sent.sentAt))
      await until(() => page.context().asked.includes(collector.url), () => page.context().asked)
      assert.deepEqual(new Set(page.context().asked), new Set([page.url().split('#')[0], `${site.url}/${name}`, collector.url]))
      assert.deepEqual(page.context().errors, [])
    })

    test('links, back and reload on plain pages are views with ids of their own', async () => {
      const { collector, page } = await first({ body: '<a href="/b">b</a>' })
      await collector.took(1)

      await page.click('a')
      await page.waitForURL('**/b')
      await collector.took(2)
      await page.reload()
      await collector.took(3)
      await page.evaluate(() => history.back())
      await until(() => page.evaluate(() => location.pathname === '/').catch(() => false))
      await collector.took(4)

      assert.deepEqual(await collector.end(page), [
        'pageview /', 'pageview /b', 'pageview /b', 'pageview /',
      ])
      assert.equal(new Set(collector.events().map((event) => event.eventId)).size, collector.events().length)
    })

    test('a page that comes back as it was left is a view', async () => {
      const { collector, site, page } = await first()
      await page.evaluate(() => (window.isTheSame = true))
      await page.evaluate((url) => (location.href = url), site.url + '/b')
      await page.waitForURL('**/b')
      await collector.took(2)

      await page.evaluate(() => history.back())
      await until(() => page.evaluate(() => window.isTheSame).catch(() => false))

      assert.deepEqual(await collector.end(page), ['pageview /', 'pageview /b', 'pageview /'])
    })

    test('only the first view has a referrer', async () => {
      const { collector, site, page } = await first()
      await page.goto('about:blank')
      await page.goto(site.url + '/in', { referer: 'https://news.example/today' })
      await page.evaluate(() => history.pushState({}, '', '/b'))

      await collector.end(page)

      const referrers = Object.fromEntries(
        collector.events().filter((event) => event.type === 'pageview').map(({ page }) => [new URL(page.url).pathname, page.referrer]),
      )
      assert.deepEqual(referrers, { '/': '', '/in': 'https://news.example/today', '/b': '' })
    })

    test('a view goes out even if the page is closed at once', async () => {
      const { collector, page } = await first()

      await left(page)

      assert.deepEqual(await collector.took(1), ['pageview /'])
    })

    test('a navigation goes out even if the page is closed in the same moment', async () => {
      const { collector, page } = await first()

      await page.evaluate(() => {
        history.pushState({}, '', '/b')
        location.href = 'about:blank'
      })

      assert.deepEqual(await collector.took(2), ['pageview /', 'pageview /b'])
    })

    test('what waits goes out when the page is hidden, and not twice when it is closed then', async () => {
      const { collector, page } = await first()
      await collector.took(1)

      await page.evaluate(() => footfall.track('bought'))
      await turn(page, 'hidden')
      await left(page)
      const other = await opened(page.url())
      await collector.end(other)

      assert.deepEqual(collector.said().filter((one) => /bought|\//.test(one)), ['pageview /', 'track bought', 'pageview /'])
    })

    test('a page that is opened in the background is a view when it is shown', async () => {
      const collector = await Collector.start()
      const site = await Site.start(collector, { name })
      const hidden = `Object.defineProperty(document, 'hidden', { value: true, configurable: true })`
      const page = await opened(site.url, { init: hidden })
      await page.evaluate(() => footfall.track('early'))
      assert.deepEqual(await collector.took(1), ['track early'])

      await turn(page, 'visible')

      assert.deepEqual(await collector.end(page), ['track early', 'pageview /'])
    })

    test('a script that is loaded twice counts once and says so once', async () => {
      const collector = await Collector.start()
      const site = await Site.start(collector, { name })
      site.files['/'] = ['text/html', site.page('/') + site.tag]
      const page = await opened(site.url, { init })

      assert.deepEqual(await collector.end(page), ['pageview /'])
      assert.deepEqual(page.context().console, ['warning: footfall'])
    })

    test('nothing listens to unload, which would keep pages from coming back', async () => {
      const collector = await Collector.start()
      const site = await Site.start(collector, { name })
      const page = await opened(site.url, {
        init: `window.heard = []
          const add = EventTarget.prototype.addEventListener
          EventTarget.prototype.addEventListener = function (type, ...more) { heard.push(type); return add.call(this, type, ...more) }`,
      })

      const heard = await page.evaluate(() => window.heard)

      assert.ok(heard.includes('pagehide'))
      assert.deepEqual(heard.filter((type) => /unload/.test(type)), [])
    })
  })
}
