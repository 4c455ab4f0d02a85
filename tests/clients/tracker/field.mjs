// What the tests of the tracker stand on: a collector that records, sites whose pages load the built scripts, and one
// Chromium for all of them. Pages are at http://<any>.test, which is this machine and, for a browser, a plain web page.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createRequire } from 'node:module'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')
export const clients = join(root, 'clients')
const { chromium } = createRequire(join(clients, 'package.json'))('playwright-core')

export const KEY = 'ffw_shop_0123456789abcdef'
export const AGENT = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'
/** Headless Chromium as a person's browser: pages may come back as they were left, and nothing says it is driven. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-blink-features=AutomationControlled',
  '--host-resolver-rules=MAP *.test 127.0.0.1',
  '--ignore-certificate-errors',
]
const PATIENCE = 30_000

/** What is closed once all tests of a file are done. */
const atEnd = []
after(async () => {
  for (const close of atEnd) await close()
})

/** Wait until something is true; says what was there when it never is. */
export async function until(isTrue, what) {
  const end = Date.now() + PATIENCE
  for (;;) {
    const found = await isTrue()
    if (found) return found
    if (Date.now() > end) throw new Error('never came true: ' + JSON.stringify(await what?.()))
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

export async function listening(server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd.push(() => {
    server.closeAllConnections?.()
    server.close()
  })
  return server.address().port
}

/** Takes what trackers send and remembers it; `answer` may be changed while it runs. */
export class Collector {
  requests = []
  waiting = []
  /** The status and headers of an answer, null to have the request wait for `refuse`. */
  answer = () => [200, {}]

  static async start() {
    const collector = new Collector()
    collector.server = createServer(async (request, response) => {
      let body = ''
      for await (const part of request.setEncoding('utf8')) body += part
      const seen = { method: request.method, path: request.url, headers: request.headers, body, at: Date.now() }
      if (request.method === 'POST') seen.sent = JSON.parse(body)
      const answered = collector.answer(seen)
      const [status, headers] = answered ?? [503]
      seen.status = status
      collector.requests.push(seen)
      if (!answered) await new Promise((resolve) => collector.waiting.push(resolve))
      const origin = request.headers.origin
      response.writeHead(status, {
        // As the product answers. Chromium counts such an answer as under way until its body is read.
        'cache-control': 'no-store',
        'content-type': 'application/json',
        'access-control-allow-origin': origin ?? '*',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'retry-after',
        ...headers,
      })
      response.end('{}')
    })
    collector.port = await listening(collector.server)
    collector.url = `http://collect.test:${collector.port}/batch`
    return collector
  }

  /** The events that were taken; what came twice under one id counts once, as it does in Footfall. How long pages were
   * looked at is apart: how slow the machine is decides whether it is sent. */
  events() {
    return this.distinct().filter(({ type }) => type !== 'engagement')
  }

  engagements() {
    return this.distinct().filter(({ type }) => type === 'engagement')
  }

  distinct() {
    const ids = new Set()
    return this.deliveries(200).filter(({ eventId }) => !ids.has(eventId) && ids.add(eventId))
  }

  /** Every delivery of an event that was answered with a status. */
  deliveries(status) {
    return this.requests.filter((one) => one.sent && one.status === status).flatMap((one) => one.sent.batch)
  }

  /** Events in short: `pageview /path`, `track name`. */
  said() {
    return this.events().map(said)
  }

  /** Wait until as many events were taken, and for nothing more. */
  async took(count) {
    await until(() => this.said().length >= count, () => this.said())
    return this.said()
  }

  /** Answer the requests that wait: come again. */
  refuse() {
    for (const answer of this.waiting.splice(0)) answer()
  }

  /** Have the page say that it is done, and answer what had come until then. */
  async end(page) {
    const name = 'end ' + Math.random()
    await page.evaluate((name) => footfall.track(name), name)
    await until(() => this.said().includes('track ' + name), () => this.said())
    return this.said().filter((one) => !one.startsWith('track end '))
  }
}

function said({ type, page, event }) {
  if (type === 'pageview') return `pageview ${page.path ?? new URL(page.url).pathname}`
  return event ? `track ${event.name}` : type
}

/** A built script. */
export const built = (name) => readFileSync(join(clients, 'tracker', 'dist', name))

/** A site: what lies at its paths, else a page that loads the tracker. */
export class Site {
  files = {}
  headers = {}

  /** `attributes` are those of the script, `name` is its file. */
  static async start(collector, { name = 'f.js', attributes = '', body = '', head = '', host = 'shop.test' } = {}) {
    const site = new Site()
    const tag = `<script defer data-site="${KEY}" data-api="${collector.url}" ${attributes} src="/${name}"></script>`
    site.tag = tag
    site.page = (path) => `<!doctype html><meta charset="utf-8"><title>Page ${path}</title><link rel="icon" href="data:,">${head}${tag}<body>${body}`
    site.server = createServer((request, response) => {
      const { pathname } = new URL(request.url, 'http://shop.test')
      let file = site.files[pathname]
      const script = /^\/(f(?:\.core|\.vitals)?\.js)$/.exec(pathname)?.[1]
      if (file === undefined && script) file = ['text/javascript', built(script)]
      if (file === undefined) file = ['text/html', site.page(pathname)]
      const [kind, content, status = 200] = file
      response.writeHead(status, { 'content-type': kind, ...site.headers })
      response.end(content)
    })
    site.port = await listening(site.server)
    site.host = host
    site.url = `http://${host}:${site.port}`
    return site
  }
}

let browser
/** The one Chromium. */
export async function chromiumOnce() {
  browser ??= (async () => {
    const launched = await chromium.launch({
      executablePath: process.env.CHROMIUM,
      args: FLAGS,
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    })
    atEnd.unshift(() => launched.close())
    return launched
  })()
  return browser
}

/** A visitor: a browser profile of its own, in which what goes wrong in a page is noted. */
export async function visitor({ init, ...options } = {}) {
  const context = await (await chromiumOnce()).newContext({ userAgent: AGENT, ...options })
  if (init) await context.addInitScript(init)
  context.errors = []
  context.console = []
  context.asked = []
  context.on('weberror', ({ error }) => void context.errors.push(String(error())))
  context.on('console', (message) => void context.console.push(`${message.type()}: ${message.text()}`))
  context.on('request', (request) => void context.asked.push(request.url()))
  return context
}

/** A page of a visitor at an address, loaded. */
export async function opened(url, options) {
  const context = options?.newPage ? options : await visitor(options)
  const page = await context.newPage()
  await page.goto(url)
  return page
}

/** What a browser does when a tab is hidden or shown again, which a headless one cannot be told. */
export function turn(page, state) {
  return page.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
    Object.defineProperty(document, 'hidden', { value: state === 'hidden', configurable: true })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }, state)
}

/** Close a page as a person does, and wait until it is gone. */
export async function left(page) {
  const gone = page.waitForEvent('close')
  await page.close({ runBeforeUnload: true })
  await gone
}
