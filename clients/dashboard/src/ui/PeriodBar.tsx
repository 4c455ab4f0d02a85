import { useState } from 'react'
import { range } from '../format'
import { daysOf, FIRST_DAY, neighbour, PRESETS, type Asked, type Days, type Interval } from '../period'
import type { Go } from '../address'
import type { State } from '../state'
import { Dialog } from './Dialog'

interface Props {
  state: State
  now: string
  /** The days that were answered for, which for `all` only the store knows. */
  answered: Days | null
  zone: string
  asking: boolean
  onAsk: (open: boolean) => void
  go: Go
}

/** The presets as one row of buttons, the days they mean, and the steps to those before and after. */
export function PeriodBar({ state, now, answered, zone, asking, onAsk, go }: Props) {
  const days = daysOf(state, now) ?? answered
  const before = neighbour(state, now, -1)
  const after = neighbour(state, now, 1)
  return (
    <div className="periods">
      <div className="presets" role="group" aria-label="Period">
        {PRESETS.map((preset) => (
          <button
            key={preset.name}
            type="button"
            aria-pressed={state.period === preset.name}
            title={preset.title}
            aria-haspopup={preset.name === 'custom' ? 'dialog' : undefined}
            onClick={() => (preset.name === 'custom' ? onAsk(true) : go(asked(preset.name)))}
          >
            {preset.short}
          </button>
        ))}
      </div>
      <div className="days">
        <button type="button" className="icon" aria-label="Period before" disabled={!before} onClick={() => before && go(before)}>
          ‹
        </button>
        <span role="status">
          {days ? range(days.first, days.last) : 'All time'} {zone !== here() && <span className="quiet zone" title={`Days are those of the site, in ${zone}`}>{zone.replace('_', ' ')}</span>}
        </span>
        <button type="button" className="icon" aria-label="Period after" disabled={!after} onClick={() => after && go(after)}>
          ›
        </button>
      </div>
      {asking && <Custom days={days ?? { first: now, last: now }} now={now} onClose={() => onAsk(false)} go={go} />}
    </div>
  )
}

/** The reader's own zone; a site's is named where it is another. */
function here(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** The change to a period by its name. */
export function asked(period: string): Asked & { interval: Interval | '' } {
  return { period, start: '', end: '', interval: '' }
}

function Custom({ days, now, onClose, go }: { days: Days; now: string; onClose: () => void; go: Go }) {
  const [first, setFirst] = useState(days.first)
  const [last, setLast] = useState(days.last > now ? now : days.last)
  const wrong = first < FIRST_DAY || last < FIRST_DAY ? `Numbers begin in ${FIRST_DAY.slice(0, 4)} at the earliest: write the year with four digits.` : first > last ? 'The last day is before the first.' : ''
  return (
    <Dialog title="From day to day" className="small" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (wrong || !first || !last) return
          onClose()
          go(first === last ? asked(first) : { period: 'custom', start: first, end: last, interval: '' })
        }}
      >
        <div className="fields">
          <label>
            First day <input type="date" required value={first} min={FIRST_DAY} max={now} onChange={(event) => setFirst(event.target.value)} />
          </label>
          <label>
            Last day <input type="date" required value={last} min={FIRST_DAY} onChange={(event) => setLast(event.target.value)} />
          </label>
        </div>
        {first && last && wrong && <p role="alert">{wrong}</p>}
        <div className="actions">
          <button className="main">Show</button>
        </div>
      </form>
    </Dialog>
  )
}
