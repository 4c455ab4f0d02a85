import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'
import { bucket, count, tick, value } from '../format'
import { info, METRIC_NAMES, type Metric } from '../metrics'
import type { Interval } from '../period'
import type { Note } from '../notes'
import type { Answer } from '../questions'
import { rangeOf, side, type History, type Range } from '../verdict'
import { Marks, marksOf } from './Marks'

interface Point {
  label: string
  value: number | null
  before: number | null
  beforeLabel: string
  change: number | null
  running: boolean
  range: Range | null
  notes: readonly Note[]
}

interface Props {
  answer: Answer
  interval: Interval
  metric: Metric
  /** Days that tell what is usual; null where there is no band. */
  history: History | null
  compared: boolean
  title: string
  asTable: boolean
  /** What was written, by the label of its point. */
  notes: ReadonlyMap<string, readonly Note[]>
  zone: string
  onNotes: (notes: readonly Note[]) => void
  onZoom: ((label: string) => void) | null
}

const NO_NOTES: readonly Note[] = []
const MARGIN = { top: 10, right: 12, bottom: 26, left: 46 }

/** The course of a metric: as a graph that can be walked through by keyboard, or as a table. */
export function Chart({ answer, interval, metric, history, compared, notes, asTable, ...rest }: Props) {
  const points = useMemo(() => pointsOf(answer, metric, history, compared, notes), [answer, metric, history, compared, notes])
  return asTable ? (
    <CourseTable points={points} interval={interval} metric={metric} title={rest.title} />
  ) : (
    <Graph points={points} interval={interval} metric={metric} {...rest} />
  )
}

function pointsOf(answer: Answer, metric: Metric, history: History | null, compared: boolean, notes: Props['notes']): Point[] {
  const at = METRIC_NAMES.indexOf(metric)
  const running = new Set(answer.meta.partial)
  return answer.results.map((row) => {
    const label = row.dimensions[0]!
    const comparison = compared ? row.comparison : null
    return {
      label,
      value: row.metrics[at] ?? null,
      before: comparison?.metrics[at] ?? null,
      beforeLabel: comparison?.dimensions[0] ?? '',
      change: comparison?.change[at] ?? null,
      running: running.has(label),
      range: history && rangeOf(metric, label, history),
      notes: notes.get(label) ?? NO_NOTES,
    }
  })
}

interface GraphProps extends Pick<Props, 'interval' | 'metric' | 'title' | 'zone' | 'onNotes' | 'onZoom'> {
  points: Point[]
}

function Graph({ points, interval, metric, title, zone, onNotes, onZoom }: GraphProps) {
  const [box, width] = useWidth()
  const [pointed, setActive] = useState<number | null>(null)
  // Another period can have fewer points.
  const active = pointed !== null && pointed < points.length ? pointed : null
  const help = useId()
  const { kind } = info(metric)
  const height = width < 560 ? 210 : 272
  const inner = Math.max(10, width - MARGIN.left - MARGIN.right)
  const bottom = height - MARGIN.bottom
  const highest = Math.max(...points.flatMap((point) => [point.value ?? 0, point.before ?? 0, point.range?.high ?? 0]))
  const y = scaleLinear([0, highest || 1], [bottom, MARGIN.top]).nice(4)
  const ticks = y.ticks(4).filter((one) => kind !== 'count' || Number.isInteger(one))
  const x = (index: number) => MARGIN.left + (points.length > 1 ? (index / (points.length - 1)) * inner : inner / 2)
  const firstRunning = points.findIndex((point) => point.running)
  const solid = firstRunning < 0 ? points : points.slice(0, firstRunning)
  const dotted = firstRunning < 0 ? [] : points.slice(Math.max(0, firstRunning - 1))
  const offset = Math.max(0, firstRunning - 1)
  const course = line<Point>().defined((point) => point.value !== null).x((_, index) => x(index)).y((point) => y(point.value!))
  const under = area<Point>().defined((point) => point.value !== null).x((_, index) => x(index)).y0(bottom).y1((point) => y(point.value!))
  const earlier = line<Point>().defined((point) => point.before !== null).x((_, index) => x(index)).y((point) => y(point.before!))
  const usual = area<Point>().defined((point) => point.range !== null).x((_, index) => x(index)).y0((point) => y(point.range!.low)).y1((point) => y(point.range!.high))
  const every = Math.max(1, Math.ceil(points.length / Math.max(2, Math.floor(inner / 84))))
  const last = points.findLastIndex((point) => point.value !== null)
  const current = active === null ? undefined : points[active]
  const marks = useMemo(() => marksOf(points.map((point) => point.notes), x), [points, width])

  const nearest = (event: PointerEvent) => {
    const left = event.currentTarget.getBoundingClientRect().left
    const index = Math.round(((event.clientX - left - MARGIN.left) / inner) * (points.length - 1))
    return Math.min(points.length - 1, Math.max(0, index || 0))
  }
  const pressed = useRef<{ index: number; touch: boolean; was: number | null }>({ index: 0, touch: false, was: null })
  const keys = (event: KeyboardEvent) => {
    const now = active ?? last
    const step: Record<string, number> = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: points.length - 1 }
    if (event.key in step) setActive(Math.min(points.length - 1, Math.max(0, step[event.key]!)))
    else if (event.key === 'Enter' && onZoom && points[now]) {
      setActive(null)
      onZoom(points[now].label)
    }
    else if (event.key === 'Escape' && active !== null) setActive(null)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="graph-box">
      <div
        ref={box}
        className="graph"
        role="slider"
        tabIndex={0}
        aria-label={title}
        aria-describedby={help}
        aria-orientation="horizontal"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, points.length - 1)}
        aria-valuenow={active ?? Math.max(0, last)}
        aria-valuetext={points.length ? said(points[active ?? Math.max(0, last)]!, interval, metric) : 'empty'}
        onKeyDown={keys}
        onFocus={(event) => event.target.matches(':focus-visible') && setActive((now) => now ?? Math.max(0, last))}
        onBlur={() => setActive(null)}
        onPointerMove={(event) => setActive(nearest(event))}
        onPointerLeave={(event) => event.pointerType === 'mouse' && setActive(null)}
        onPointerDown={(event) => {
          pressed.current = { index: nearest(event), touch: event.pointerType !== 'mouse', was: active }
          setActive(pressed.current.index)
        }}
        onClick={() => {
          const { index, touch, was } = pressed.current
          // A finger's first tap shows the point, the second looks closer.
          if (onZoom && points[index] && (!touch || was === index)) {
            setActive(null)
            onZoom(points[index].label)
          }
        }}
      >
        <svg width={width} height={height} aria-hidden="true">
          {ticks.map((one) => (
            <g key={one} className="tick">
              <line x1={MARGIN.left} x2={width - MARGIN.right} y1={y(one)} y2={y(one)} />
              <text x={MARGIN.left - 8} y={y(one)} dy="0.32em" textAnchor="end">
                {tick(one, kind)}
              </text>
            </g>
          ))}
          <path className="usual" d={usual(points) ?? ''} />
          {marks.map((mark) => (
            <line key={mark.x} className="noted" x1={mark.x} x2={mark.x} y1={MARGIN.top} y2={bottom} />
          ))}
          {points.map(
            (point, index) =>
              (points.length - 1 - index) % every === 0 && (
                <text
                  key={point.label}
                  className="when"
                  x={x(index)}
                  y={height - 6}
                  textAnchor={x(index) > width - 44 ? 'end' : x(index) < MARGIN.left + 20 ? 'start' : 'middle'}
                >
                  {bucket(point.label, interval, false)}
                </text>
              ),
          )}
          <path className="earlier" d={earlier(points) ?? ''} />
          <path className="under" d={under(solid) ?? ''} />
          <path className="course" d={course(solid) ?? ''} />
          <g transform={`translate(${x(offset) - x(0)})`}>
            <path className="course running" d={course(dotted) ?? ''} />
          </g>
          {points.map((point, index) => {
            const odd = point.value !== null && point.range !== null && !point.running && side(point.value, point.range) !== 0
            return odd && <circle key={point.label} className="odd" cx={x(index)} cy={y(point.value!)} r={4} />
          })}
          {(points.length === 1 || dotted.length === 1) && last >= 0 && <circle className="active" cx={x(last)} cy={y(points[last]!.value!)} r={4} />}
          {current && (
            <>
              <line className="cross" x1={x(active!)} x2={x(active!)} y1={MARGIN.top} y2={bottom} />
              {current.before !== null && <circle className="active earlier-dot" cx={x(active!)} cy={y(current.before)} r={3.5} />}
              {current.value !== null && <circle className="active" cx={x(active!)} cy={y(current.value)} r={4.5} />}
            </>
          )}
        </svg>
        {current && (
          <div className={`point ${x(active!) > width / 2 ? 'left' : 'right'}`} style={{ left: x(active!) }} aria-hidden="true">
            <b>{bucket(current.label, interval, true)}</b>
            {current.running && ' so far'}
            <dl>
              <dt className="key-now">{info(metric).title}</dt>
              <dd>{value(current.value, kind)}</dd>
              {current.beforeLabel && (
                <>
                  <dt className="key-before">{bucket(current.beforeLabel, interval, true)}</dt>
                  <dd>{value(current.before, kind)}</dd>
                </>
              )}
              {current.range && (
                <>
                  <dt className="key-usual">usual</dt>
                  <dd>{rangeText(current.range, metric)}</dd>
                </>
              )}
            </dl>
            {current.notes.length > 0 && (
              <p className="point-notes">
                {current.notes.slice(0, 2).map((note) => (
                  <bdi key={note.id}>{note.text}</bdi>
                ))}
                {current.notes.length > 2 && <span className="quiet">and {current.notes.length - 2} more</span>}
              </p>
            )}
          </div>
        )}
        <span id={help} className="unseen">
          Arrow keys walk through the graph{onZoom && ', Enter looks at a point more closely'}. The same numbers are in the table.
        </span>
      </div>
      {marks.length > 0 && <Marks marks={marks} y={bottom} width={width} zone={zone} onOpen={onNotes} />}
    </div>
  )
}

/** `980–1,310`. */
export function rangeText(range: Range, metric: Metric): string {
  const { kind } = info(metric)
  return `${value(range.low, kind)}–${value(range.high, kind)}`
}

function said(point: Point, interval: Interval, metric: Metric): string {
  const { kind, noun } = info(metric)
  const parts = [`${bucket(point.label, interval, true)}${point.running ? ', so far' : ''}: ${value(point.value, kind)} ${noun}`]
  if (point.before !== null) parts.push(`before ${value(point.before, kind)}`)
  if (point.range) parts.push(`usual ${value(point.range.low, kind)} to ${value(point.range.high, kind)}`)
  for (const note of point.notes) parts.push(`${note.kind}: ${note.text}`)
  return parts.join(', ')
}

function CourseTable({ points, interval, metric, title }: Pick<GraphProps, 'points' | 'interval' | 'metric' | 'title'>) {
  const { kind, title: name } = info(metric)
  const compared = points.some((point) => point.beforeLabel)
  const ranged = points.some((point) => point.range)
  const noted = points.some((point) => point.notes.length)
  return (
    <div className="scroll course-table" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption className="unseen">
          {title}, {count(points.length)} rows
        </caption>
        <thead>
          <tr>
            <th scope="col">{interval === 'hour' ? 'Hour' : interval === 'day' ? 'Day' : interval === 'week' ? 'Week' : 'Month'}</th>
            <th scope="col">{name}</th>
            {compared && <th scope="col">Before</th>}
            {ranged && <th scope="col">Usual</th>}
            {noted && (
              <th scope="col" className="noted">
                Notes
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.label}>
              <th scope="row">
                {bucket(point.label, interval, true)}
                {point.running && ' (so far)'}
              </th>
              <td>{value(point.value, kind)}</td>
              {compared && <td>{value(point.before, kind)}</td>}
              {ranged && <td>{point.range ? rangeText(point.range, metric) : '–'}</td>}
              {noted && (
                <td className="noted">
                  {point.notes.map((note, index) => (
                    <span key={note.id}>
                      {index > 0 && '; '}
                      <bdi>{note.text}</bdi>
                    </span>
                  ))}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function useWidth(): [(element: HTMLDivElement | null) => void, number] {
  const [width, setWidth] = useState(800)
  const [element, setElement] = useState<HTMLDivElement | null>(null)
  useEffect(() => {
    if (!element) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [setElement, width]
}
