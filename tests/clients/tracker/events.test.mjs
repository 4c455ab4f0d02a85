// What is sent without a call: links, downloads, forms, missing pages, tagged elements, engagement, web vitals. And
// pages that a browser loads ahead, which only a browser that nobody drives does.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { AGENT, Collector, FLAGS, Site, opened, turn, until, visitor } from './field.mjs'

async function begun({ init, ...options } = {}, path = '/') {
  const collector = await Collector.start()
  const site = await Site.start(collector, options)
  const page = await opened(site.url + path, { init })
  await collector.took(1)
  return { collector, site, page }
}

/** The tracks that came, by name. */
const tracks = (collector) =>
  collector.events().filter((event) => event.type === 'track' && !event.event.name.startsWith('end ')).map(({ event }) => [event.name, event.properties])

describe('f.js', { concurrency: 4 }, () => {
  test('links to other hosts, files, forms and tagged elements are events; links within the site and mails are none', async () => {
    const body = `
      <a id="within" href="/b" onclick="event.preventDefault()">within</a>
      <a id="mail" href="mailto:a@shop.test" onclick="event.preventDefault()">mail</a>
      <a id="out" href="https://else.example/x" onclick="event.preventDefault();event.stopPropagation()"><b>out</b></a>
      <a id="file" href="/files/Report.PDF" onclick="event.preventDefault()">file</a>
      <a id="own" href="https://else.example/y" data-footfall="partner" data-footfall-place="footer" onclick="event.preventDefault()">own</a>
      <button id="tag" data-footfall="signup" data-footfall-plan="pro"><i>sign up</i></button>
      <button id="none">none</button>
      <form id="ask" data-footfall-kind="contact" onsubmit="event.preventDefault()"><input name="attributes"><button>send</button></form>
      <form data-footfall="newsletter" onsubmit="event.preventDefault()"><input id="field"><button id="go">send</button></form>`
    const { collector, page } = await begun({ body })

    for (const one of ['#within', '#mail', '#out b', '#file', '#own', '#tag i', '#none', '#ask button', '#field', '#go']) await page.click(one)
    await page.click('#out', { button: 'middle', noWaitAfter: true }).catch(() => {})
    await page.click('#out', { button: 'right' })

    await page.evaluate(() => {
      dispatchEvent(new Event('submit'))
      document.dispatchEvent(new Event('click'))
    })

    await collector.end(page)
    assert.deepEqual(page.context().errors, [])
    assert.deepEqual(tracks(collector), [
      ['outbound', { url: 'https://else.example/x' }],
      ['download', { url: collector.events()[0].page.url.replace(/\/$/, '') + '/files/Report.PDF' }],
      ['partner', { url: 'https://else.example/y', place: 'footer' }],
      ['signup', { plan: 'pro' }],
      ['form', { kind: 'contact' }],
      ['newsletter', {}],
      ['outbound', { url: 'https://else.example/x' }],
    ])
  })

  test('a click within a picture, a link or a tagged part is of what lies around it', async () => {
    const picture = '<svg width="20" height="20"><rect width="20" height="20"/><use href="#i"/></svg>'
    const body = `
      <svg width="0" height="0" style="position: absolute"><symbol id="i"><rect width="20" height="20"/></symbol></svg>
      <button id="signup" data-footfall="signup">${picture}</button>
      <a id="out" href="http://else.test/x" onclick="event.preventDefault()">${picture}</a>
      <div data-footfall="card"><a id="part" href="#z">part</a></div>
      <div data-footfall="offer" data-footfall-n="1"><a id="offer" href="http://else.test/y" onclick="event.preventDefault()">out</a></div>
      <form id="ask" onsubmit="event.preventDefault()"><input name="href"><button>send</button></form>`
    const { collector, page } = await begun({ body })

    await page.evaluate(() => {
      for (const one of ['#signup use', '#out use', '#part', '#offer']) document.querySelector(one).dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))
    })
    await page.click('#ask button')

    await collector.end(page)
    const [signup, outbound, card, ...others] = tracks(collector)
    assert.deepEqual([signup, outbound], [['signup', {}], ['outbound', { url: 'http://else.test/x' }]])
    assert.deepEqual([card[0], new URL(card[1].url).hash], ['card', '#z'])
    assert.deepEqual(others, [['offer', { url: 'http://else.test/y', n: '1' }], ['form', {}]])
  })

  test('a click on a link that leaves the site arrives', async () => {
    const { collector, page } = await begun({ body: '<a href="http://else.test/">out</a>' })

    await page.click('a', { noWaitAfter: true })

    await collector.took(2)
    assert.equal(tracks(collector)[0][0], 'outbound')
  })

  test('properties are sent as they were, and what is no JSON is lost alone', async () => {
    const { collector, page } = await begun()
    await page.evaluate(() => {
      const basket = { items: 1 }
      footfall.track('bought', basket)
      basket.items = 2
      footfall.track('round', { self: window })
      footfall.track('big', { n: 1n })
    })

    assert.deepEqual(await collector.end(page), ['pageview /', 'track bought'])
    assert.deepEqual(tracks(collector), [['bought', { items: 1 }]])
    assert.deepEqual(page.context().errors, [])
    assert.equal(page.context().console.filter((one) => one.startsWith('warning')).length, 2)
  })

  test('a page that is missing is a view and a 404', async () => {
    const collector = await Collector.start()
    const site = await Site.start(collector)
    site.files['/gone'] = ['text/html', site.page('/gone'), 404]

    const page = await opened(site.url + '/gone')

    assert.deepEqual(await collector.end(page), ['pageview /gone', 'track 404'])
  })

  test('what is off is not sent', async () => {
    const body = '<a href="https://else.example/" onclick="event.preventDefault()">out</a><button data-footfall="tag">tag</button>'
    const { collector, page } = await begun({ body, attributes: 'data-off="outbound engagement"' })
    await page.click('a')
    await page.click('button')

    assert.deepEqual(await collector.end(page), ['pageview /', 'track tag'])
  })

  test('engaged time counts while the page is shown and focused, and never runs backwards', async () => {
    const collector = await Collector.start()
    const site = await Site.start(collector, { body: '<div style="height: 4000px"></div>' })
    const page = await (await visitor()).newPage()
    await page.clock.install({ time: Date.now() })
    await page.goto(site.url)
    await page.clock.runFor(300)
    await collector.took(1)
    const focus = (has) => page.evaluate((has) => {
      document.hasFocus = () => has
      dispatchEvent(new Event(has ? 'focus' : 'blur'))
    }, has)

    await page.clock.runFor(5_000)
    await focus(false)
    await page.clock.runFor(60_000)
    await focus(true)
    await page.evaluate(() => {
      scrollTo(0, 1e6)
      dispatchEvent(new Event('scroll'))
    })
    await page.clock.setSystemTime(Date.now() - 3_600_000)
    await page.clock.runFor(2_000)
    await turn(page, 'hidden')
    await until(() => collector.engagements().length)
    await page.clock.runFor(600_000)
    await turn(page, 'visible')
    await page.clock.runFor(3_000)
    await page.evaluate(() => history.pushState({}, '', '/b'))
    await page.clock.runFor(1_000)

    await until(() => collector.engagements().length === 2 && collector.said().length === 2, () => collector.events())
    const [first, second] = collector.engagements()
    assert.ok(first.properties.engaged_ms >= 7_000 && first.properties.engaged_ms < 40_000, first.properties.engaged_ms)
    assert.equal(first.properties.scroll_depth, 100)
    assert.ok(second.properties.engaged_ms >= 3_000 && second.properties.engaged_ms < 40_000, second.properties.engaged_ms)
    assert.equal(new URL(second.page.url).pathname, '/')
    assert.equal(second.properties.scroll_depth, 100)
  })

  test('a page that was hardly looked at sends no engagement, and half a page is half', async () => {
    const collector = await Collector.start()
    const site = await Site.start(collector, { body: '<div style="position: absolute; top: 0; height: 1440px; width: 1px"></div>' })
    const page = await (await visitor({ viewport: { width: 800, height: 720 } })).newPage()
    await page.clock.install({ time: Date.now() })
    await page.goto(site.url)
    await page.clock.runFor(500)
    await collector.took(1)
    await turn(page, 'hidden')
    await turn(page, 'visible')
    await page.clock.runFor(2_000)
    await turn(page, 'hidden')

    await until(() => collector.engagements().length)
    const sent = collector.engagements()
    assert.equal(sent.length, 1)
    assert.equal(sent[0].properties.scroll_depth, 50)
  })
})

describe('f.vitals.js', { concurrency: 4 }, () => {
  for (const name of ['f.js', 'f.core.js']) {
    test(`beside ${name} it sends the web vitals of a page once it is hidden`, async () => {
      const { collector, page } = await begun({ name, head: '<script defer src="/f.vitals.js"></script>', body: '<h1>Shop</h1><button>press</button>' })
      await page.click('button')
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))))

      await turn(page, 'hidden')

      const vitals = await until(() => collector.events().find((event) => event.type === 'vitals'), () => collector.events())
      assert.equal(collector.events().filter((event) => event.type === 'vitals').length, 1)
      const { lcp, cls, inp, fcp, ttfb } = vitals.properties
      for (const milliseconds of [lcp, fcp, ttfb]) assert.ok(Number.isInteger(milliseconds) && milliseconds >= 0, JSON.stringify(vitals.properties))
      assert.ok(cls >= 0 && cls < 1)
      assert.ok(inp === undefined || inp >= 0)
      assert.ok(vitals.page.url)
    })
  }
})

describe('a page that is loaded ahead', { concurrency: 2 }, () => {
  for (const name of ['f.js', 'f.core.js']) {
    for (const isShown of [false, true]) {
      test(`${isShown ? 'and shown is one view' : 'and never shown is none'}: ${name}`, async () => {
        const collector = await Collector.start()
        const site = await Site.start(collector, { name })
        let isReady
        const ready = new Promise((resolve) => (isReady = resolve))
        site.server.prependListener('request', (request) => {
          if (request.url === '/ready') {
            site.files['/is-ready'][1] = 'yes'
            isReady()
          }
        })
        site.files['/'] = ['text/html', `<!doctype html><title>First</title>
          <script type="speculationrules">{"prerender": [{"urls": ["/next"], "eagerness": "immediate"}]}</script>
          <script>
            const go = async () => ((await (await fetch('/is-ready')).text()) === 'yes' ? (location.href = '/next') : setTimeout(go, 50))
            ${isShown ? 'go()' : ''}
          </script>`]
        site.files['/is-ready'] = ['text/plain', 'no']
        site.files['/next'] = ['text/html', site.page('/next').replace('<body>', `<body><script>
          onload = () => setTimeout(() => { footfall.track('ahead ' + Boolean(document.prerendering)); fetch('/ready') })
          document.addEventListener('prerenderingchange', () => setTimeout(() => footfall.track('shown'), 100))</script>`)]
        const profile = mkdtempSync(join(tmpdir(), 'footfall-'))
        const chromium = spawn(process.env.CHROMIUM, ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, `--user-agent=${AGENT}`, '--no-first-run', ...FLAGS, site.url], { stdio: 'ignore', detached: true })
        try {
          await ready
          if (isShown) {
            await collector.took(3)
            assert.deepEqual(collector.said().sort(), ['pageview /next', 'track ahead true', 'track shown'])
            // A collector takes no view that a browser marks as loaded ahead.
            assert.ok(collector.requests.every(({ headers }) => !headers['sec-purpose']))
          } else {
            // Long enough for what waits to go out, if it did.
            await new Promise((resolve) => setTimeout(resolve, 1000))
            assert.deepEqual(collector.requests, [])
          }
        } finally {
          process.kill(-chromium.pid, 'SIGKILL')
          await new Promise((resolve) => (chromium.exitCode ?? chromium.signalCode ? resolve() : chromium.on('exit', resolve)))
          rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
        }
      })
    }
  }
})
