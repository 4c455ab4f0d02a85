// The page's own reasoning, without a browser: node --test logic.test.mjs. It is bundled from its sources first.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const dashboard = new URL('../../clients/dashboard/', import.meta.url)
const { build } = await import(new URL('node_modules/rolldown/dist/index.mjs', dashboard))
const folder = mkdtempSync(join(tmpdir(), 'footfall-logic-'))
after(() => rmSync(folder, { recursive: true }))

async function source(name, kind = 'ts') {
  const file = join(folder, `${name}.mjs`)
  await build({ input: new URL(`src/${name}.${kind}`, dashboard).pathname, output: { file, format: 'esm' }, logLevel: 'silent' })
  return import(file)
}
const period = await source('period')
const filters = await source('filters')
const state = await source('state')
const verdict = await source('verdict')
const questions = await source('questions')
const names = await source('names')
const format = await source('format')
const fixed = await source('fixed')
const share = await source('share')
const links = await source('links')
const notes = await source('notes')
const moves = await source('moves')
const lists = await source('listed')
const broken = await source('ui/Broken', 'tsx')

const asked = (name, start = '', end = '') => ({ period: name, start, end })

test('each preset is the days that the site would name', () => {
  const days = (name) => Object.values(period.daysOf(asked(name), '2026-03-10')).join(' ')
  assert.equal(days('today'), '2026-03-10 2026-03-10')
  assert.equal(days('yesterday'), '2026-03-09 2026-03-09')
  assert.equal(days('7d'), '2026-03-04 2026-03-10')
  assert.equal(days('90d'), '2025-12-11 2026-03-10')
  assert.equal(days('mtd'), '2026-03-01 2026-03-10')
  assert.equal(days('last_month'), '2026-02-01 2026-02-28')
  assert.equal(days('ytd'), '2026-01-01 2026-03-10')
  assert.equal(days('12mo'), '2025-04-01 2026-03-31')
  assert.equal(days('2024-02'), '2024-02-01 2024-02-29')
  assert.equal(period.daysOf(asked('all'), '2026-03-10'), null)
})

test('today is the date of the zone, on half-hour offsets and at clock changes too', () => {
  const at = (iso, zone) => period.today(Date.parse(iso), zone)
  assert.equal(at('2026-03-10T20:29:00Z', 'Asia/Tehran'), '2026-03-10')
  assert.equal(at('2026-03-10T20:31:00Z', 'Asia/Tehran'), '2026-03-11')
  assert.equal(at('2026-03-10T18:16:00Z', 'Asia/Kathmandu'), '2026-03-11')
  assert.equal(at('2026-03-29T22:30:00Z', 'Europe/Berlin'), '2026-03-30')
  assert.equal(period.clock(Date.parse('2026-03-10T20:31:00Z'), 'Asia/Tehran'), '00:01')
})

test('the neighbours of a period touch it, months stay months, and none begins in the future', () => {
  const next = (given, step, now = '2026-03-10') => period.neighbour(given, now, step)
  assert.deepEqual(next(asked('7d'), -1), asked('custom', '2026-02-25', '2026-03-03'))
  assert.equal(next(asked('7d'), 1), null)
  assert.deepEqual(next(asked('last_month'), -1), asked('2026-01'))
  assert.deepEqual(next(asked('2026-02'), 1), asked('mtd'))
  assert.deepEqual(next(asked('mtd'), -1), asked('2026-02'))
  assert.deepEqual(next(asked('yesterday'), 1), asked('today'))
  assert.deepEqual(next(asked('2026-03-01'), -1), asked('2026-02-28'))
  assert.deepEqual(next(asked('ytd'), -1), asked('custom', '2025-01-01', '2025-12-31'))
  assert.equal(next(asked('all'), -1), null)
  const walk = (given, steps, step, now) => Array.from({ length: steps }).reduce((at) => next(at, step, now), given)
  assert.deepEqual(walk(asked('ytd'), 3, -1), asked('custom', '2023-01-01', '2023-12-31'), 'a leap year is a year')
  assert.deepEqual(walk(asked('12mo'), 1, -1), asked('custom', '2024-04-01', '2025-03-31'))
  assert.deepEqual(walk(asked('12mo'), 3, -1), asked('custom', '2022-04-01', '2023-03-31'))
  assert.deepEqual(next(asked('custom', '2024-01-01', '2024-03-31'), -1), asked('custom', '2023-10-01', '2023-12-31'))
  for (const name of ['ytd', '12mo', 'mtd']) assert.deepEqual(walk(walk(asked(name), 5, -1), 5, 1), asked(name), 'and back')
  assert.equal(next(asked('ytd'), 1), null)
})

test('the API gets names for what it knows and days for what it does not', () => {
  assert.equal(period.dateRange(asked('7d'), '2026-03-10'), '7d')
  assert.equal(period.dateRange(asked('last_month'), '2026-01-10'), '2025-12')
  assert.deepEqual(period.dateRange(asked('custom', '2026-01-01', '2026-01-02'), '2026-03-10'), ['2026-01-01', '2026-01-02'])
})

test('values with commas, quotes, percent signs and emoji survive the address', () => {
  for (const value of ['a,b', '100%', '%2C', '"quoted"', '🦊', '', 'a&b=c#d?e', 'a+b', 'Straße, 1', "it's"]) {
    const one = { operator: 'is', dimension: 'page', values: [value, 'other'] }
    const address = state.writeState({ ...state.USUAL, filters: [one] })
    assert.deepEqual(state.readState(new URL(address, 'http://a/').search), { state: { ...state.USUAL, filters: [one] }, ignored: [] })
  }
})

test('an address has nothing that is usual, and says everything else once and in order', () => {
  assert.equal(state.writeState(state.USUAL), '')
  const all = '?site=shop&start=2026-01-01&end=2026-02-01&compare=year&interval=week&metric=bounce_rate&f=is,country,DE,AT&f=is_not,page,/a&tab=sources:utm_campaign&detail=page'
  assert.equal(state.writeState(state.readState(all).state), all)
})

test("Plausible's filters work, and parts that say nothing are named", () => {
  const { state: read, ignored } = state.readState('?f=is,goal,Signup&f=contains,page,/docs&period=7d&f=like,page,x&period=fortnight&colour=red&metric=clicks&f=is,page&tab=sources:moon&site=A!')
  assert.deepEqual(read.filters, [
    { operator: 'is', dimension: 'event', values: ['Signup'] },
    { operator: 'contains', dimension: 'page', values: ['/docs'] },
  ])
  assert.equal(read.period, '7d')
  assert.deepEqual(ignored, ['f=like,page,x', 'period=fortnight', 'colour=red', 'metric=clicks', 'f=is,page', 'tab=sources:moon', 'site=A!'])
})

test('an address with names that every object has says nothing', () => {
  const odd = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']
  for (const part of odd.flatMap((name) => [`${name}=1`, `f=is,${name},x`, `tab=sources:${name}`, `tab=${name}:${name}`, `detail=${name}`, `metric=${name}`])) {
    const { state: read, ignored } = state.readState(`?${part}&period=7d`)
    assert.deepEqual(read, { ...state.USUAL, period: '7d' }, part)
    assert.deepEqual(ignored, [part])
  }
  assert.equal(filters.readFilter('constructor,page,x'), null)
})

test('a value with a name that every object has is shown as it is', () => {
  for (const value of ['constructor', 'toString', '__proto__']) {
    for (const dimension of ['device', 'country', 'language', 'region', 'page', 'event']) {
      assert.equal(typeof names.nameOf(dimension, value), 'string', `${dimension} ${value}`)
      assert.equal(names.isMeant(dimension, value, value), true)
    }
    assert.equal(names.nameOf(value, ''), '(none)')
    assert.equal(names.filterText({ dimension: 'device', operator: 'is', values: [value, ''] }), `Device is ${value} or (none)`)
  }
})

test('what could not be drawn is left by an address without settings, which keeps the secret of a link', () => {
  assert.equal(broken.bareAddress({ pathname: '/', hash: '' }), '/?')
  assert.equal(broken.bareAddress({ pathname: '/share/a_1', hash: '#k=s' }), '/share/a_1?#k=s')
})

test('a pattern that is none is named; where all seem to be some, each may be the wrong one', () => {
  const filter = (operator, ...values) => ({ operator, dimension: 'page', values })
  const [good, bad, text] = [filter('matches', '^/a'), filter('matches_not', '^/b', '('), filter('contains', '(')]
  assert.deepEqual(filters.wrongPatterns([text, good, bad]), [bad])
  assert.deepEqual(filters.wrongPatterns([text, good]), [good])
  assert.deepEqual(filters.wrongPatterns([text]), [])
  const [ahead, back, flags, named] = ['a(?=b)', '(a)\\1', '(?i)a(?s:.)', '(?P<x>a)'].map((pattern) => filter('matches', pattern))
  assert.deepEqual(filters.wrongPatterns([flags, ahead, named, back]), [ahead, back], 'as RE2 has them')
})

test('a list of countries is searched and sorted by the names that are shown', () => {
  const rows = ['DE', 'CH', 'AT', 'CI', '', 'constructor'].map((code, index) => ({ dimensions: [code], metrics: [100 - index] }))
  const codes = (search, order) => lists.listed(rows, 'country', search, order).map((row) => row.dimensions[0]).join()
  assert.equal(codes('', ['visitors', 'desc']), 'DE,CH,AT,CI,,constructor', 'as the store sorted them')
  assert.equal(codes('', ['country', 'asc']), ',AT,constructor,CI,DE,CH')
  assert.equal(codes('', ['country', 'desc']), 'CH,DE,CI,constructor,AT,')
  assert.equal(codes('germ', ['visitors', 'desc']), 'DE')
  assert.equal(codes('COTE D', ['visitors', 'desc']), 'CI', 'letter case and accents do not count')
  assert.equal(codes('at', ['visitors', 'desc']), 'AT', 'the code is a name, too')
  assert.deepEqual(['language', 'region', 'device', 'page', 'city'].map(names.isNamed), [true, true, true, false, false])
})

test('days that are no days and a start after the end are ignored', () => {
  assert.equal(state.readState('?start=2026-02-30&end=2026-03-01').state.period, '30d')
  assert.equal(state.readState('?start=0026-02-03&end=2026-03-01').state.period, '30d', 'before 1970')
  assert.deepEqual(state.readState('?period=0026-02').ignored, ['period=0026-02'])
  assert.equal(state.readState('?start=2026-03-02&end=2026-03-01').state.period, '30d')
})

test('a click filters and takes it back, Shift adds, the sign excludes', () => {
  const { toggle, extend, exclude } = filters
  const de = [{ operator: 'is', dimension: 'country', values: ['DE'] }]
  assert.deepEqual(toggle([], 'country', 'DE'), de)
  assert.deepEqual(toggle(de, 'country', 'DE'), [])
  assert.deepEqual(toggle(de, 'country', 'AT'), [{ operator: 'is', dimension: 'country', values: ['AT'] }])
  assert.deepEqual(extend(de, 'country', 'AT'), [{ operator: 'is', dimension: 'country', values: ['DE', 'AT'] }])
  assert.deepEqual(extend(extend(de, 'country', 'AT'), 'country', 'DE'), [{ operator: 'is', dimension: 'country', values: ['AT'] }])
  assert.deepEqual(exclude(de, 'country', 'DE'), [{ operator: 'is_not', dimension: 'country', values: ['DE'] }])
  assert.deepEqual(exclude(exclude([], 'page', '/a'), 'page', '/b'), [{ operator: 'is_not', dimension: 'page', values: ['/a', '/b'] }])
})

const days = (first, values) => new Map(values.map((value, index) => [period.plusDays(first, index), { value, sessions: value ?? 0 }]))

test('a day is held against the same weekday of the eight weeks before it', () => {
  // Mondays have 1,000, all other days 10.
  const history = days('2026-01-05', Array.from({ length: 71 }, (_, index) => (index % 7 === 0 ? 1000 : 10)))
  const monday = verdict.rangeOf('visitors', '2026-03-16', history)
  assert.deepEqual(monday, { low: 920, high: 1080, weeks: 8 })
  assert.equal(verdict.side(1000, monday), 0)
  assert.equal(verdict.side(919, monday), -1)
  assert.equal(verdict.side(1081, monday), 1)
  assert.deepEqual(verdict.rangeOf('visitors', '2026-03-15', history), { low: 2, high: 18, weeks: 8 })
})

test('one odd week does not move what is usual, and weeks before the first visit do not count', () => {
  const mondays = [0, 0, 0, 100, 100, 900, 100, 100]
  const history = days('2026-01-05', mondays.flatMap((value) => [value, 0, 0, 0, 0, 0, 0]))
  assert.deepEqual(verdict.rangeOf('visitors', '2026-03-02', history), { low: 75, high: 125, weeks: 5 })
  assert.equal(verdict.rangeOf('visitors', '2026-02-16', history), null, 'three weeks are too few')
})

test('days that differ widen what is usual, and fewer of them widen it more', () => {
  const earlier = [1000, 1100, 900, 1000, 1150, 850, 1000, 1100].map((value) => ({ value, sessions: value }))
  assert.deepEqual(verdict.usualRange('visitors', earlier), { low: 495, high: 1505, weeks: 8 })
  assert.deepEqual(verdict.usualRange('visitors', earlier.slice(0, 7)), { low: 377, high: 1623, weeks: 7 })
})

test('what is usual of a rate and of a duration knows how many sessions there were', () => {
  const earlier = (value, sessions) => Array.from({ length: 8 }, () => ({ value, sessions }))
  assert.deepEqual(verdict.usualRange('bounce_rate', earlier(50, 100)), { low: 37.5, high: 62.5, weeks: 8 })
  assert.deepEqual(verdict.usualRange('bounce_rate', earlier(50, 10000)), { low: 48.75, high: 51.25, weeks: 8 })
  assert.deepEqual(verdict.usualRange('avg_duration', earlier(100, 100)), { low: 75, high: 125, weeks: 8 })
  assert.equal(verdict.usualRange('bounce_rate', earlier(null, 0)), null)
})

test('of days that differ by chance alone, about one in twenty at most is called unusual', () => {
  let seed = 42
  const random = () => ((seed = (seed * 1664525 + 1013904223) >>> 0) + 0.5) / 2 ** 32
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
  for (const [mean, spread] of [[20, Math.sqrt(20)], [1000, Math.sqrt(1000)], [1000, 120], [50000, 4000]]) {
    let unusual = 0
    const runs = 5000
    for (let run = 0; run < runs; run++) {
      const draw = () => Math.max(0, Math.round(mean + spread * normal()))
      const range = verdict.usualRange('visitors', Array.from({ length: 8 }, () => ({ value: draw(), sessions: mean })))
      if (verdict.side(draw(), range) !== 0) unusual++
    }
    console.log(`mean ${mean}, deviation ${spread.toFixed(0)}: ${((100 * unusual) / runs).toFixed(1)} % unusual`)
    assert.ok(unusual / runs < 0.06, `${unusual} of ${runs} at ${mean}`)
  }
})

test('the verdict is about the last day that is over, of today about the day so far', () => {
  const focus = (name, start, end) => questions.focusOf({ ...state.USUAL, ...asked(name, start, end) }, '2026-03-10', '15:05')
  assert.deepEqual(focus('30d'), { date: '2026-03-09', until: '', history: { first: '2025-12-15', last: '2026-03-10' }, every: true })
  assert.deepEqual(focus('today'), { date: '2026-03-10', until: '15:05', history: { first: '2026-01-13', last: '2026-03-10' }, every: false })
  assert.equal(focus('12mo').every, false)
  assert.equal(focus('2026-01').date, '2026-01-31')
  assert.equal(focus('custom', '2026-04-01', '2026-04-02'), null)
})

test('every question of the overview has a name and there are at most fifty', () => {
  for (const name of ['today', '30d', 'all']) {
    const all = questions.questions({ ...state.USUAL, ...asked(name) }, '2026-03-10', '15:05', 366)
    assert.ok(Object.keys(all).length <= 50)
    assert.ok(all.totals && all.series && all['sources:channel'] && all['places:map'])
  }
})

test('pageviews are a row of the answer and none of the list of events', () => {
  const answer = (names, total) => ({ results: names.map((name) => ({ dimensions: [name], metrics: [1, 1] })), meta: { total_rows: total } })
  const shown = (...given) => { const { rows, total } = questions.shownRows(answer(...given), 'event', 2); return [rows.map((row) => row.dimensions[0]).join(), total] }
  assert.deepEqual(shown(['', 'a', 'b'], 7), ['a,b', 6])
  assert.deepEqual(shown(['a', ''], 2), ['a', 1])
  assert.deepEqual(shown(['a', 'b', 'c'], 3), ['a,b', 3])
  assert.deepEqual(shown(['a', 'b', 'c'], 9), ['a,b', null])
})

test('only http and https addresses become links', () => {
  assert.equal(names.linkOf('referrer', 'news.example/item', ''), 'https://news.example/item')
  assert.equal(names.linkOf('page', '/a', 'shop.example'), 'https://shop.example/a')
  for (const [dimension, value, host] of [
    ['referrer', 'javascript:alert(1).x', ''], ['referrer', 'user:pass@evil.example', ''], ['page', '//evil.example', 'shop.example'],
    ['page', 'javascript:alert(1)', 'shop.example'], ['page', '/a', ''], ['utm_source', 'https://evil.example', ''], ['referrer', '', ''],
  ]) assert.equal(names.linkOf(dimension, value, host), null, value)
})

test('codes that are none keep their text', () => {
  assert.equal(names.nameOf('country', 'DE'), 'Germany')
  for (const code of ['T1', 'XX', '<b>', '1']) assert.equal(typeof names.nameOf('country', code), 'string')
  assert.equal(names.nameOf('source', ''), 'Direct')
  assert.equal(names.nameOf('city', ''), '(none)')
})

test('a change is told by sign and word; nothing before is "new", nothing at all is a dash', () => {
  assert.deepEqual(format.change(8, 'count', 108, 100), { text: '▲ 8%', words: 'up 8%', direction: 1 })
  assert.deepEqual(format.change(-1.25, 'rate', 40, 41.25), { text: '▼ 1.3 pts', words: 'down 1.3 percentage points', direction: -1 })
  assert.equal(format.change(null, 'count', 5, 0).text, 'new')
  assert.equal(format.change(null, 'rate', null, null).text, '–')
  assert.equal(format.change(0.02, 'count', 5001, 5000).text, '=')
  assert.equal(format.value(null, 'rate'), '–')
  assert.equal(format.duration(3725), '1h 02m')
})

test('the filters of a link are read as deep as they are nested, and one alone is a list of one', () => {
  const is = ['is', 'country', ['DE']]
  const read = { operator: 'is', dimension: 'country', values: ['DE'] }
  assert.deepEqual(fixed.readFixed([]), [])
  assert.deepEqual(fixed.readFixed(is), [read])
  assert.deepEqual(fixed.readFixed([is, ['contains', 'page', ['/a'], { case_sensitive: false }]]), [read, { operator: 'contains', dimension: 'page', values: ['/a'] }])
  assert.deepEqual(fixed.readFixed(['or', [is, ['not', ['and', [is, is]]]]]), [{ join: 'or', parts: [read, { join: 'not', parts: [{ join: 'and', parts: [read, read] }] }] }])
  for (const none of [null, 7, 'x', [7], [['moon', 'x', []]], [['is']], {}]) assert.deepEqual(fixed.readFixed(none), [], JSON.stringify(none))
})

test('a link is known by its path, and its secret by the fragment', () => {
  assert.equal(share.shareOf('/share/shop_0123456789abcdef'), 'shop_0123456789abcdef')
  assert.equal(share.shareOf('/share/a%20b/'), 'a b')
  assert.equal(share.shareOf('/share/%E0%A4%A'), '%E0%A4%A')
  for (const path of ['/', '/share', '/share/', '/share/a/b', '/shared/a']) assert.equal(share.shareOf(path), null, path)
  assert.equal(share.secretOf('#k=ffl_1'), 'ffl_1')
  assert.equal(share.secretOf('#x=1&k=ffl_1&y=2'), 'ffl_1')
  for (const fragment of ['', '#', '#k=', '#key=ffa_1', '#xk=1']) assert.equal(share.secretOf(fragment), '', fragment)
})

test('a link opens with what was seen, at this host where the API names none', () => {
  assert.equal(links.addressOfShare('/share/a_1#k=s', '?period=7d', 'https://here.example'), 'https://here.example/share/a_1?period=7d#k=s')
  assert.equal(links.addressOfShare('https://stats.example/share/a_1#k=s', '', 'https://here.example'), 'https://stats.example/share/a_1#k=s')
})

test('an origin is what people write for one', () => {
  for (const text of ['https://blog.example', 'blog.example', 'https://blog.example/a/b?c#d', 'HTTPS://BLOG.EXAMPLE/']) assert.equal(links.originOf(text), 'https://blog.example', text)
  assert.equal(links.originOf('http://localhost:3000/x'), 'http://localhost:3000')
  assert.equal(links.originOf('localhost:3000'), 'https://localhost:3000')
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'https://', 'a b', 'file:///etc']) assert.equal(links.originOf(text), null, text)
})

test('the lines for another page hold no markup of anybody else', () => {
  const frame = links.frameOf('https://stats.example/share/a_1?period=7d#k=s', '"><script>x</script>&')
  assert.match(frame, /^<iframe src="https:\/\/stats\.example\/share\/a_1\?period=7d&amp;embed=1#k=s" title="&quot;>&lt;script>x&lt;\/script>&amp;" /)
  assert.match(frame, /event\.origin !== "https:\/\/stats\.example"/)
  assert.equal(frame.match(/<script/g).length, 1)
  assert.match(links.frameOf('https://s.example/share/a_1#k=s', ''), /src="https:\/\/s\.example\/share\/a_1\?embed=1#k=s" title="Statistics"/)
})

test('a note lies in the bucket of its moment, in the zone of the site', () => {
  const at = (iso) => ({ id: iso, at: iso, text: 'x', kind: 'note' })
  const lies = (iso, labels, interval, zone = 'Europe/Berlin') => [...notes.byBucket([at(iso)], labels, interval, zone).keys()].join()
  const days = ['2026-03-28', '2026-03-29', '2026-03-30']
  assert.equal(lies('2026-03-28T22:59:59Z', days, 'day'), '2026-03-28')
  assert.equal(lies('2026-03-28T23:00:00Z', days, 'day'), '2026-03-29')
  assert.equal(lies('2026-03-29T22:00:00Z', days, 'day'), '2026-03-30', 'the clock was put forward')
  assert.equal(lies('2026-03-27T12:00:00Z', days, 'day'), '', 'before the first')
  assert.equal(lies('2026-03-29T12:00:00Z', ['2026-03-16', '2026-03-23', '2026-03-30'], 'week'), '2026-03-23')
  assert.equal(lies('2026-03-31T22:30:00Z', ['2026-03-01', '2026-04-01'], 'month'), '2026-04-01')
  const hours = ['2026-10-25T02:00:00+02:00', '2026-10-25T02:00:00+01:00', '2026-10-25T03:00:00+01:00']
  assert.equal(lies('2026-10-25T00:30:00Z', hours, 'hour'), hours[0])
  assert.equal(lies('2026-10-25T01:30:00Z', hours, 'hour'), hours[1], 'the hour that comes twice')
  assert.deepEqual(notes.momentOf(Date.parse('2026-03-28T23:30:00Z'), 'Europe/Berlin'), { date: '2026-03-29', time: '00:30' })
})

test('what moved most is the largest change of any panel, and what nobody can compare is none', () => {
  const answer = (metrics, rows) => ({ results: rows.map(([name, now, before]) => ({ dimensions: [name], metrics: now, comparison: before && { dimensions: [name], metrics: before, change: [] } })), meta: {}, query: { dimensions: [], metrics } })
  const answers = {
    'sources:channel': answer(['visitors'], [['Direct', [10], [4]], ['Email', [3], [30]], ['', [90], [1]]]),
    'pages:page': answer(['visitors'], [['/only', [500], [1]]]),
    'devices:browser': answer(['visitors'], [['Chrome', [7], null], ['Safari', [5], [5]]]),
    'events:event': answer(['events', 'visitors'], [['', [900, 90], [1, 1]], ['signup', [99, 20], [1, 2]], ['download', [1, 1], [2, 2]]]),
  }
  const found = moves.movesOf(state.USUAL, (name) => answers[name] ?? null)
  assert.deepEqual(found.map((move) => [move.dimension, move.value, move.now, move.before]), [
    ['channel', 'Email', 3, 30], ['event', 'signup', 20, 2], ['channel', 'Direct', 10, 4], ['event', 'download', 1, 2],
  ])
})

test('a dimension of which a value is chosen explains no change, since its rows are those of everybody', () => {
  const answer = (rows) => ({ results: rows.map(([name, now, before]) => ({ dimensions: [name], metrics: [now], comparison: { dimensions: [name], metrics: [before], change: [] } })), meta: {}, query: { dimensions: [], metrics: ['visitors'] } })
  const answers = { 'sources:channel': answer([['Direct', 900, 100], ['Email', 3, 30]]), 'devices:browser': answer([['Chrome', 7, 5], ['Safari', 5, 9]]) }
  const found = (...given) => moves.movesOf({ ...state.USUAL, filters: given }, (name) => answers[name] ?? null).map((move) => move.value).join()
  const filter = (operator) => ({ operator, dimension: 'channel', values: ['Direct'] })
  assert.equal(found(filter('is')), 'Safari,Chrome')
  assert.equal(found(filter('is_not')), 'Direct,Email,Safari,Chrome', 'a filter of another kind holds for the rows, too')
})

test('the share of a change is told in words where it is more than the whole, and not of what went the other way', () => {
  const words = (now, before, change) => moves.shareOfChange({ dimension: 'page', value: '/a', now, before }, change)
  assert.equal(words(15, 10, 10), '50% of the change')
  assert.equal(words(20, 10, 10), '100% of the change')
  assert.equal(words(50, 10, 10), 'more than the whole change')
  assert.equal(words(5, 10, 10), '')
  assert.equal(words(5, 10, -10), '50% of the change')
})

test('to readers of other locales numbers are written their way, and words in English', () => {
  const told = (locale) => {
    const script = `import * as format from ${JSON.stringify(join(folder, 'format.mjs'))}
      console.log(JSON.stringify([format.count(1234567), format.percent(12.3), format.duration(75), format.day('2001-05-16'), format.weekday('2001-05-16'), format.time('2001-05-16T20:05:00Z', 'UTC'), format.tick(1.5e6, 'count'), format.bucket('2001-05-16T20:00:00', 'hour', false), format.timeOfDay(Date.parse('2001-05-16T20:05:00Z'))]))`
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', env: { ...process.env, LC_ALL: locale, LANG: locale, TZ: 'America/New_York' } })
    assert.equal(done.status, 0, done.stderr)
    return JSON.parse(done.stdout).map((text) => text.replace(/,?\s/g, ' '))
  }
  assert.deepEqual(told('de_DE.UTF-8'), ['1.234.567', '12,3 %', '1m 15s', 'Wed 16 May 2001', 'Wednesday', '20:05', '1.5M', '20:00', '16:05'])
  assert.deepEqual(told('en_US.UTF-8'), ['1,234,567', '12.3%', '1m 15s', 'Wed May 16 2001', 'Wednesday', '8:05 PM', '1.5M', '8:00 PM', '4:05 PM'])
  assert.match(told('ar_EG.UTF-8')[4], /^Wednesday$/)
})

test('one is counted in the singular', () => {
  assert.equal(format.counted(1, 'pageview'), '1 pageview')
  assert.equal(format.counted(0, 'pageview'), '0 pageviews')
  assert.equal(format.counted(1200, 'row'), '1,200 rows')
})
