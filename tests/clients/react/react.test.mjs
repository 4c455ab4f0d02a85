// The React package: in React 18 and 19, in StrictMode, under the Next.js router's ways, on a server, and installed.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Collector, KEY, Site, clients, opened } from '../tracker/field.mjs'

const required = createRequire(join(clients, 'package.json'))
const { build } = required('esbuild')

/** An application of one page: two routes, a component that tracks when it is mounted. */
const APP = (endpoint, tracking, options, route) => `
  import { StrictMode, useEffect, useState } from 'react'
  import { createRoot } from 'react-dom/client'
  import { AnalyticsProvider, useAnalytics, usePageTracking } from '@footfall/react'

  function User({ path }) {
    usePageTracking('/users/[id]', 'A user')
    return <h1>{path}</h1>
  }

  function Page() {
    const { track, identify } = useAnalytics()
    const [path, go] = useState(location.pathname)
    useEffect(() => {
      const back = () => go(location.pathname)
      addEventListener('popstate', back)
      return () => removeEventListener('popstate', back)
    }, [])
    usePageTracking(${tracking})
    useEffect(() => {
      document.title = 'Title of ' + path
    }, [path])
    useEffect(() => track('mounted'), [track])
    window.go = (to) => {
      history.pushState({}, '', to)
      go(to)
    }
    return ${route ? "path.startsWith('/users/') ? <User path={path} /> : <h1>{path}</h1>" : '<h1>{path}</h1>'}
  }

  createRoot(document.body).render(
    <StrictMode>
      <AnalyticsProvider apiEndpoint=${JSON.stringify(endpoint)} site="${KEY}" ${options}><Page /></AnalyticsProvider>
    </StrictMode>,
  )`

async function begun(version, { tracking = '', options = 'consent="granted"', isOfRoute = false } = {}) {
  const collector = await Collector.start()
  const site = await Site.start(collector)
  const suffix = version === 19 ? '' : '-18'
  const made = await build({
    stdin: { contents: APP(collector.url.replace('/batch', ''), tracking, options, isOfRoute), loader: 'jsx', resolveDir: clients },
    bundle: true,
    write: false,
    jsx: 'automatic',
    jsxDev: false,
    define: { 'process.env.NODE_ENV': '"development"' },
    alias: { react: join(clients, 'node_modules', 'react' + suffix), 'react-dom': join(clients, 'node_modules', 'react-dom' + suffix) },
    nodePaths: [join(clients, 'node_modules')],
    logLevel: 'error',
  })
  site.files['/app.js'] = ['text/javascript', made.outputFiles[0].text]
  const html = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body><script src="/app.js"></script>'
  for (const path of ['/', '/users/1', '/users/2', '/b', '/c']) site.files[path] = ['text/html', html]
  return { collector, site }
}

for (const version of [18, 19]) {
  describe(`React ${version}, StrictMode`, { concurrency: 4 }, () => {
    test('the first view is one, comes first and has its id and its title, and each navigation is one', async () => {
      const { collector, site } = await begun(version)
      const page = await opened(site.url)
      await collector.took(3)
      await page.evaluate(() => go('/b'))
      await collector.took(4)
      await page.evaluate(() => history.back())
      await collector.took(5)

      // The component tracks in an effect, which StrictMode runs twice: two calls, two events.
      assert.deepEqual(await collector.end(page), ['pageview /', 'track mounted', 'track mounted', 'pageview /b', 'pageview /'])
      const views = collector.events().filter((event) => event.type === 'pageview')
      assert.deepEqual(views.map((event) => event.page.title), ['Title of /', 'Title of /b', 'Title of /'])
      const ids = new Set(views.map((event) => event.anonymousId))
      assert.equal(ids.size, 1)
      assert.match([...ids][0], /^[0-9a-f-]{36}$/)
      assert.deepEqual(page.context().errors, [])
    })

    test('a path of the page is counted instead of the address, once for each', async () => {
      const { collector, site } = await begun(version, { tracking: "path.startsWith('/users/') ? '/users/[id]' : path", options: '' })
      const page = await opened(site.url + '/users/1')
      await collector.took(3)
      for (const path of ['/users/2', '/users/2', '/b']) await page.evaluate((path) => go(path), path)
      await collector.took(5)

      assert.deepEqual(await collector.end(page), ['pageview /users/[id]', 'track mounted', 'track mounted', 'pageview /users/[id]', 'pageview /b'])
      assert.ok(collector.events().every((event) => event.anonymousId === undefined))
    })
  })
}

describe("a path that only a route's component gives", { concurrency: 4 }, () => {
  for (const [options, start, path, expected] of [
    ['', '/', ['/users/1', '/users/2', '/b'], ['/', '/users/[id]', '/users/[id]', '/b']],
    ['', '/users/1', ['/users/2', '/b', '/c', '/users/1'], ['/users/[id]', '/users/[id]', '/b', '/c', '/users/[id]']],
    ['off="pageview"', '/', ['/users/1', '/users/2', '/b'], ['/users/[id]', '/users/[id]']],
  ]) {
    test(`from ${start} ${options} each page is one view`, async () => {
      const { collector, site } = await begun(19, { options, isOfRoute: true })
      const page = await opened(site.url + start)
      await collector.took(2)
      for (const one of path) {
        await page.evaluate((one) => go(one), one)
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20))))
      }

      const said = await collector.end(page)
      assert.deepEqual(said.filter((one) => one.startsWith('pageview')), expected.map((one) => 'pageview ' + one))
      for (const { type, page } of collector.events()) if (type === 'pageview' && page.path) assert.equal(page.title, 'A user')
    })
  }
})

describe('the ways of the Next.js app router', { concurrency: 4 }, () => {
  for (const init of [undefined, 'delete window.navigation']) {
    test(`load, link, back and a push by hand are one view each${init ? ' without the Navigation API' : ''}`, async () => {
      const collector = await Collector.start()
      const site = await Site.start(collector)
      const page = await opened(site.url, { init })
      // What it does to history, as measured with Next.js 16.4.
      await page.evaluate(() => {
        history.replaceState({ tree: 1 }, '')
        const push = history.pushState.bind(history)
        const replace = history.replaceState.bind(history)
        addEventListener('popstate', () => setTimeout(() => replace({ tree: 2 }, '', location.href)))
        window.link = (to) => push({ tree: 3 }, '', to)
        window.byHand = (to) => {
          history.pushState({}, '', to)
          Promise.resolve().then(() => replace({ tree: 4 }, '', to))
        }
      })
      await collector.took(1)

      await page.evaluate(() => link('/b'))
      await collector.took(2)
      await page.evaluate(() => history.back())
      await collector.took(3)
      await page.evaluate(() => byHand('/c'))
      await collector.took(4)

      assert.deepEqual(await collector.end(page), ['pageview /', 'pageview /b', 'pageview /', 'pageview /c'])
    })
  }

  test('the mark of a client component stands first in the bundle', () => {
    assert.match(readFileSync(join(clients, 'react', 'dist', 'index.js'), 'utf8'), /^'use client'\n/)
  })

  test('on a server everything renders and nothing is called or kept', () => {
    const said = execFileSync(
      process.execPath,
      ['--input-type=module', '--eval', `
        import { createElement as h } from 'react'
        import { renderToString } from 'react-dom/server'
        import { AnalyticsProvider, footfall, useAnalytics, usePageTracking } from '@footfall/react'
        if (typeof window !== 'undefined') throw new Error('there is a window')
        footfall.track('on the server')
        footfall.init({ api: '/batch' })
        function Page() { usePageTracking('/x'); useAnalytics().track('rendered'); return h('h1', null, 'Shop') }
        console.log(renderToString(h(AnalyticsProvider, { apiEndpoint: 'https://x' }, h(Page))), footfall.site)
        try { renderToString(h(Page)) } catch (error) { console.log(error.message) }
      `],
      { cwd: clients, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } },
    )

    assert.equal(said, '<h1>Shop</h1> undefined\nuseAnalytics must be used within AnalyticsProvider\n')
  })
})

describe('the packages as they are installed', { concurrency: 2 }, () => {
  const USE = `
    import { AnalyticsProvider, useAnalytics, usePageTracking, type AnalyticsProviderProps } from '@footfall/react'
    import { footfall, type Tracker } from '@footfall/tracker'
    import { vitals } from '@footfall/tracker/vitals'

    const props: AnalyticsProviderProps = { apiEndpoint: 'https://footfall.example.com', site: 'ffw_shop_x', consent: 'granted' }
    const tracker: Tracker = footfall
    tracker.init({ api: 'https://footfall.example.com/batch', allow: 'localhost' })
    vitals(() => footfall)

    function Page() {
      const { track, pageview, identify, reset, consent, optOut } = useAnalytics()
      usePageTracking()
      usePageTracking('/users/[id]', 'A user')
      track('signup', { plan: 'pro', seats: 3 })
      pageview('/b', 'B', { n: 1 })
      identify('user-1', { plan: 'pro' })
      reset()
      consent('denied')
      optOut(false)
      // @ts-expect-error - there is no such answer
      consent('perhaps')
      // @ts-expect-error - an event has a name
      track()
      return null
    }

    // @ts-expect-error - it has to be said where Footfall is
    export const wrong = <AnalyticsProvider><Page /></AnalyticsProvider>
    export const app = <AnalyticsProvider {...props}><Page /><Page /></AnalyticsProvider>`

  test('tarballs install and type-check: with React 18 for Node, with React 19 for bundlers', () => {
    const folder = mkdtempSync(join(tmpdir(), 'footfall-'))
    try {
      const npm = (...given) => execFileSync('npm', given, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
      const tarballs = JSON.parse(npm('pack', '--json', '--silent', join(clients, 'tracker'), join(clients, 'react')))
      for (const { files } of tarballs) assert.ok(files.every(({ path }) => /^(dist\/|package\.json$|README\.md$)/.test(path)), JSON.stringify(files))
      writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}')
      npm('install', '--offline', '--legacy-peer-deps', '--no-audit', '--no-fund', '--silent', ...tarballs.map(({ filename }) => './' + filename))
      const modules = join(folder, 'node_modules')
      const given = join(clients, 'node_modules')
      mkdirSync(join(modules, '@types'), { recursive: true })
      for (const name of ['csstype', '@types/prop-types']) symlinkSync(join(given, name), join(modules, name))
      writeFileSync(join(folder, 'use.tsx'), USE)
      for (const [types, module, resolution] of [['@types/react-18', 'nodenext', 'nodenext'], ['@types/react', 'esnext', 'bundler']]) {
        rmSync(join(modules, '@types', 'react'), { force: true })
        symlinkSync(join(given, types), join(modules, '@types', 'react'))
        const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', module, '--moduleResolution', resolution, '--jsx', 'react-jsx', '--preserveSymlinks', '--types', 'react', '--skipLibCheck', String(resolution === 'bundler')]
        execFileSync(process.execPath, [join(given, 'typescript', 'bin', 'tsc'), ...options, 'use.tsx'], { cwd: folder, stdio: 'inherit' })
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('types come first in what is exported, and nothing else is needed to run', () => {
    for (const name of ['tracker', 'react']) {
      const described = JSON.parse(readFileSync(join(clients, name, 'package.json'), 'utf8'))
      for (const [path, exported] of Object.entries(described.exports)) {
        if (path !== './package.json') assert.equal(Object.keys(exported)[0], 'types')
      }
      assert.equal(described.sideEffects, false)
      assert.equal(described.dependencies, undefined)
    }
  })
})
