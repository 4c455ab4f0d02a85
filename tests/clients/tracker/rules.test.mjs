// What is counted and what is not: consent, signals, opting out, skipped pages, and options.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Collector, Site, built, opened, turn, until, visitor } from './field.mjs'

async function begun({ init, ...options } = {}, path = '/') {
  const collector = await Collector.start()
  const site = await Site.start(collector, options)
  const page = await opened(site.url + path, { init })
  return { collector, site, page, context: page.context() }
}

/** The frame of a page, once the tracker is in it. */
async function inner(page) {
  const found = () => page.frames().find((one) => one.url().endsWith('/inner'))
  await until(() => found()?.evaluate(() => Boolean(window.footfall)).catch(() => false))
  return found()
}

const keys = (page) => page.evaluate(() => Object.keys(localStorage))

for (const name of ['f.js', 'f.core.js']) {
  describe(name, { concurrency: 4 }, () => {
    test('before consent nothing is stored and no id is sent; from consent on there is one; withdrawn it is gone', async () => {
      const { collector, page, context } = await begun({ name })
      await collector.took(1)
      assert.deepEqual([await keys(page), await context.cookies()], [[], []])

      await page.evaluate(() => {
        footfall.consent('granted')
        footfall.track('agreed')
      })
      await collector.took(2)
      const [id] = await page.evaluate(() => [localStorage.footfall])
      await page.reload()
      await collector.took(3)
      await page.evaluate(() => {
        footfall.consent('denied')
        footfall.track('withdrew')
      })

      await collector.end(page)
      assert.deepEqual(
        collector.events().slice(0, 4).map((event) => [event.anonymousId, event.context.consent]),
        [[undefined, undefined], [id, 'granted'], [id, 'granted'], [undefined, undefined]],
      )
      assert.match(id, /^[0-9a-f-]{36}$/)
      assert.deepEqual(await keys(page), [])
      assert.deepEqual(await context.cookies(), [])
    })

    test('Global Privacy Control and Do Not Track are obeyed until the visitor agrees to this site', async () => {
      for (const signal of ["'globalPrivacyControl', { value: true }", "'doNotTrack', { value: '1' }"]) {
        const { collector, page } = await begun({ name, init: `Object.defineProperty(navigator, ${signal})` })
        await page.evaluate(() => footfall.track('objected'))
        await page.evaluate(() => {
          footfall.consent('granted')
          footfall.track('agreed')
        })

        assert.deepEqual(await collector.end(page), ['track agreed'])
      }
    })

    test('a script that is blocked leaves no error', async () => {
      const collector = await Collector.start()
      const site = await Site.start(collector, { name })
      const context = await visitor()
      await context.route(`**/${name}`, (route) => route.abort('blockedbyclient'))
      const page = await opened(site.url, context)

      assert.equal(await page.evaluate(() => window.footfall), undefined)
      assert.deepEqual(context.errors, [])
    })

    test('a sandboxed frame without an origin or storage raises no error', async () => {
      const collector = await Collector.start()
      const site = await Site.start(collector, { name })
      site.files['/'] = ['text/html', '<!doctype html><iframe sandbox="allow-scripts" src="/inner"></iframe>']
      const page = await opened(site.url)
      const frame = await inner(page)

      await frame.evaluate(() => {
        footfall.consent('granted')
        footfall.track('inside')
      })

      if (name === 'f.core.js') await collector.took(2)
      assert.deepEqual(page.context().errors, [])
    })
  })
}

describe('f.js', { concurrency: 4 }, () => {
  test('reset makes a new id, and only where there was one', async () => {
    const { collector, page } = await begun({ attributes: 'data-consent="granted"' })
    await page.evaluate(() => {
      footfall.identify('user-1', { plan: 'pro' })
      footfall.track('known')
      footfall.reset()
      footfall.track('someone')
    })
    await collector.end(page)
    const [view, identified, known, someone] = collector.events()
    assert.deepEqual([identified.type, identified.userId, identified.traits], ['identify', 'user-1', { plan: 'pro' }])
    assert.equal(new Set([view, identified, known].map((event) => event.anonymousId)).size, 1)
    assert.deepEqual([known.userId, someone.userId], ['user-1', undefined])
    assert.notEqual(someone.anonymousId, known.anonymousId)

    await page.evaluate(() => {
      footfall.consent('denied')
      footfall.reset()
    })
    assert.deepEqual(await keys(page), [])
  })

  test('who somebody is stays in the page until they agree', async () => {
    const { collector, page } = await begun()
    await page.evaluate(() => {
      footfall.identify('user-1')
      footfall.track('before')
      footfall.consent('granted')
      footfall.track('after')
    })

    assert.deepEqual(await collector.end(page), ['pageview /', 'track before', 'track after'])
    assert.deepEqual(collector.events().slice(0, 3).map((event) => event.userId), [undefined, undefined, 'user-1'])
    assert.ok(!collector.requests[0].body.slice(0, collector.requests[0].body.indexOf('after') - 200).includes('user-1'))
  })

  test('an opt-out holds in other tabs and after a reload, until it is taken back', async () => {
    const { collector, site, page, context } = await begun({ attributes: 'data-consent="granted"' })
    await collector.took(1)
    const other = await opened(site.url + '/other', context)
    await collector.took(2)
    await page.evaluate(() => footfall.optOut())
    assert.deepEqual(await keys(page), ['footfall.out'])
    await until(() => other.evaluate(() => localStorage['footfall.out']))
    await other.evaluate(() => footfall.track('other tab'))
    await page.goto(site.url + '/again')
    await page.evaluate(() => footfall.track('reloaded'))

    await page.evaluate(() => {
      footfall.optOut(false)
      footfall.track('back')
    })

    const said = await collector.end(page)
    assert.deepEqual(said, ['pageview /', 'pageview /other', 'track back'])
    assert.ok(context.console.includes('info: footfall is off: optOut'))
  })

  test('localhost, driven browsers and frames are skipped, the reason is said once, and each can be counted', async () => {
    const cases = [
      ['localhost', { host: 'localhost' }, undefined],
      ['webdriver', {}, "Object.defineProperty(navigator, 'webdriver', { value: true })"],
    ]
    for (const [reason, options, init] of cases) {
      const skipped = await begun({ ...options, init })
      await skipped.page.evaluate(() => footfall.track('two'))
      assert.deepEqual(skipped.context.console, [`info: footfall is off: ${reason}`])
      const allowed = await begun({ ...options, init, attributes: `data-allow="${reason}"` })
      assert.deepEqual(await allowed.collector.end(allowed.page), ['pageview /'])
      assert.deepEqual(skipped.collector.requests, [])
    }
  })

  test('a frame is counted where it is asked for', async () => {
    for (const [attributes, expected] of [['', 0], ['data-allow="iframe"', 1]]) {
      const collector = await Collector.start()
      const site = await Site.start(collector, { attributes })
      site.files['/'] = ['text/html', '<!doctype html><iframe src="/inner"></iframe>']
      const page = await opened(site.url)
      const frame = await inner(page)
      await frame.evaluate(() => footfall.track('inside'))

      if (expected) await collector.took(2)
      assert.equal(collector.said().includes('pageview /inner'), Boolean(expected))
    }
  })

  test('signals are left to the site where the page says so', async () => {
    const init = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"
    const { collector, page } = await begun({ init, attributes: 'data-allow="signals"' })

    assert.deepEqual(await collector.end(page), ['pageview /'])
    assert.equal(collector.events()[0].anonymousId, undefined)
  })

  test('queries and fragments make views where they are asked for', async () => {
    const go = async (page) => {
      await page.evaluate(() => history.pushState({}, '', '?page=2'))
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))
      await page.evaluate(() => (location.hash = '#/about'))
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))
    }
    for (const [count, expected] of [
      ['query', ['pageview /', 'pageview /']],
      ['hash', ['pageview /', 'pageview /about']],
      ['query hash', ['pageview /', 'pageview /', 'pageview /about']],
    ]) {
      const { collector, page } = await begun({ attributes: `data-count="${count}"` })
      await collector.took(1)
      await go(page)
      assert.deepEqual(await collector.end(page), expected, count)
      assert.ok(collector.requests.every((one) => !one.body.includes('#')))
    }
  })

  test('a query within a fragment is no view of its own, unless queries are', async () => {
    for (const [count, expected] of [['hash', 1], ['query hash', 2]]) {
      const { collector, page } = await begun({ attributes: `data-count="${count}"` }, '/#/two')
      await collector.took(1)
      await page.evaluate(() => (location.hash = '#/two?x=1'))
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))

      assert.equal((await collector.end(page)).length, expected, count)
      assert.equal(collector.events()[0].page.path, '/two')
    }
  })

  test('an event of a hidden page that moved on is of where it is', async () => {
    const { collector, page } = await begun()
    await collector.took(1)
    await turn(page, 'hidden')
    await page.evaluate(() => {
      history.pushState({}, '', '/moved')
      footfall.track('hidden')
    })

    assert.deepEqual(await collector.end(page), ['pageview /', 'track hidden'])
    assert.equal(new URL(collector.events()[1].page.url).pathname, '/moved')
  })

  test('a page is named until its address changes, and only named pages are counted where views are off', async () => {
    for (const [attributes, expected] of [
      ['', ['pageview /users/[id]', 'track opened', 'pageview /b']],
      ['data-off="pageview"', ['pageview /users/[id]', 'track opened']],
    ]) {
      const { collector, page } = await begun({ attributes, head: `<script>window.footfall??=new Proxy([],{get:(q,m)=>q[m]??((...a)=>{q.push([m,a])})})
        footfall.name('/users/[id]', 'A user')</script>` }, '/users/42')
      await collector.took(1)
      await page.evaluate(() => {
        footfall.name('/users/[id]', 'A user')
        footfall.track('opened')
        history.pushState({}, '', '/b')
      })
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))

      assert.deepEqual(await collector.end(page), expected)
      assert.equal(collector.events()[0].page.title, 'A user')
    }
  })

  test('an element with the id footfall, or a call of what is not there, does not stop the rest', async () => {
    for (const head of ['<i id="footfall"></i>', `<script>window.footfall??=new Proxy([],{get:(q,m)=>q[m]??((...a)=>{q.push([m,a])})})
      footfall.set('x'); footfall.track('one')</script>`]) {
      const { collector, page, context } = await begun({ head })

      assert.deepEqual(await collector.end(page), head.includes('one') ? ['pageview /', 'track one'] : ['pageview /'])
      assert.deepEqual(context.errors, [])
    }
  })

  test('pageviews can be left to the page, which names them as it likes', async () => {
    const { collector, page } = await begun({ attributes: 'data-off="pageview"' }, '/users/42')
    await page.evaluate(() => {
      footfall.pageview('/users/[id]', 'A user', { plan: 'pro' })
      footfall.track('opened')
      history.pushState({}, '', '/users/43')
    })

    assert.deepEqual(await collector.end(page), ['pageview /users/[id]', 'track opened'])
    const [view, opened_] = collector.events()
    assert.deepEqual([view.page.title, view.properties, opened_.page.path], ['A user', { plan: 'pro' }, '/users/[id]'])
  })

  test('calls before the script is there follow in order, and the first view has the consent among them', async () => {
    const head = `<script>window.footfall??=new Proxy([],{get:(q,m)=>q[m]??((...a)=>{q.push([m,a])})})
      footfall.consent('granted'); footfall.track('one', { n: 1 }); footfall.identify('user-1'); footfall.track('two')</script>`
    const { collector, page } = await begun({ head })

    assert.deepEqual(await collector.end(page), ['pageview /', 'track one', 'identify', 'track two'])
    const ids = new Set(collector.events().map((event) => event.anonymousId))
    assert.equal(ids.size, 1)
    assert.match([...ids][0], /^[0-9a-f-]{36}$/)
  })

  test('without a write key none is sent, and the endpoint may have any name', async () => {
    const collector = await Collector.start()
    const site = await Site.start(collector)
    site.files['/lib/x.js'] = ['text/javascript', built('f.js')]
    site.files['/'] = ['text/html', `<!doctype html><title>Own</title><script defer src="/lib/x.js" data-api="http://collect.test:${collector.port}/any/name"></script>`]
    const page = await opened(site.url)

    await collector.end(page)

    assert.equal(collector.requests[0].path, '/any/name')
    assert.ok(!('writeKey' in collector.requests[0].sent))
  })

  test('without an endpoint it posts to batch beside itself', async () => {
    const site = await Site.start({ url: '' })
    site.files['/lib/x.js'] = ['text/javascript', built('f.core.js')]
    site.files['/'] = ['text/html', '<!doctype html><title>Own</title><script defer src="/lib/x.js"></script>']
    const page = await opened(site.url)

    await until(() => page.context().asked.includes(site.url + '/lib/batch'), () => page.context().asked)
  })
})
