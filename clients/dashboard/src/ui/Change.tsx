import { change } from '../format'
import { info, type Metric } from '../metrics'

interface Props {
  metric: Metric | 'events'
  now: number | null
  before: number | null | undefined
  change: number | null | undefined
}

/** A change as arrow and number, coloured by whether it is good, in words for who hears it. */
export function Change({ metric, now, before, change: told }: Props) {
  const about = metric === 'events' ? null : info(metric)
  const { text, words, direction } = change(told, about?.kind ?? 'count', now, before)
  const good = direction * (about?.lessIsBetter ? -1 : 1)
  const tone = good > 0 ? 'better' : good < 0 ? 'worse' : 'same'
  return (
    <span className={`change ${tone}`}>
      <span aria-hidden="true">{text}</span>
      <span className="unseen">{words}</span>
    </span>
  )
}
