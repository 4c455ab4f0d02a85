import { memo } from 'react'
import { line } from 'd3-shape'
import { value } from '../format'
import { METRIC_NAMES, METRICS, type Metric } from '../metrics'
import { metricOf, type Answer } from '../questions'
import type { Part } from '../answers'
import { Change } from './Change'
import { Hint } from './Hint'

interface Props {
  totals: Part
  series: Part
  /** Whether there is anything to compare with. */
  compared: boolean
  chosen: Metric
  before: string
  onChoose: (metric: Metric) => void
}

/** The totals: each with its change and its course, and a button that puts it into the graph. */
export function Kpis({ totals, series, compared, chosen, before, onChoose }: Props) {
  const row = totals.answer?.results[0]
  return (
    <ul className="kpis" aria-label="Totals" aria-busy={totals.old}>
      {METRICS.map((metric, index) => {
        const now = metricOf(row, metric.name)
        const previous = row?.comparison?.metrics[index]
        return (
          <li key={metric.name}>
            <Hint
              text={
                <>
                  <b>{metric.title}.</b> {metric.meaning}
                  {compared && row?.comparison && (
                    <span className="before">
                      Before ({before}): {value(previous, metric.kind)}
                    </span>
                  )}
                </>
              }
            >
              {(id) => (
                <button
                  type="button"
                  className="kpi"
                  data-metric={metric.name}
                  aria-pressed={chosen === metric.name}
                  aria-describedby={id}
                  onClick={() => onChoose(metric.name)}
                >
                  <span className="name">{metric.title}</span>
                  {totals.error ? (
                    <span className="figure">–</span>
                  ) : row ? (
                    <span className="figure">
                      <b>{value(now, metric.kind)}</b>{' '}
                      {compared && row.comparison && <Change metric={metric.name} now={now} before={previous} change={row.comparison.change[index]} />}
                    </span>
                  ) : (
                    <span className="figure skeleton" />
                  )}
                  <Spark answer={series.answer} metric={metric.name} />
                </button>
              )}
            </Hint>
          </li>
        )
      })}
    </ul>
  )
}

const WIDTH = 120
const HEIGHT = 22

/** The course of a metric without scale; decoration beside the graph, which tells it. */
const Spark = memo(function Spark({ answer, metric }: { answer: Answer | null; metric: Metric }) {
  const at = METRIC_NAMES.indexOf(metric)
  const values = (answer?.results ?? []).map((row) => row.metrics[at] ?? null)
  const highest = Math.max(1e-9, ...values.map((one) => one ?? 0))
  const x = (index: number) => (values.length > 1 ? (index / (values.length - 1)) * WIDTH : WIDTH / 2)
  const drawn = line<number | null>()
    .defined((one) => one !== null)
    .x((_, index) => x(index))
    .y((one) => HEIGHT - 1 - (one! / highest) * (HEIGHT - 2))(values)
  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {drawn && <path d={drawn} vectorEffect="non-scaling-stroke" />}
    </svg>
  )
})
