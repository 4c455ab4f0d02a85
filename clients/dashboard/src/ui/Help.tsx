import { METRICS } from '../metrics'
import { PRESETS } from '../period'
import { useKeys } from '../theme'
import { Dialog } from './Dialog'

const KEYS: [string, string][] = [
  ...PRESETS.map((preset): [string, string] => [preset.key.toUpperCase(), preset.title]),
  ['← →', 'Period before, after'],
  ['F', 'Add a filter'],
  ['Esc', 'Close; else remove all filters'],
  ['X', 'Compare: before, a year ago, nothing'],
  ['I', 'Next interval of the graph'],
  ['1 … 6', 'Number in the graph'],
  ['R', 'Live'],
  ['S', 'Site'],
  ['?', 'This'],
]

/** The keys, what the numbers mean, and what a click does. */
export function Help({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useKeys()
  return (
    <Dialog title="Keys and meanings" className="wide" onClose={onClose}>
      <div className="scroll help" tabIndex={0} role="region" aria-label="Keys and meanings">
        <section>
          <h3>Keys</h3>
          <label className="check">
            <input type="checkbox" checked={on} onChange={(event) => setOn(event.target.checked)} /> One-letter keys are on
          </label>
          <dl className="keys">
            {KEYS.map(([key, what]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        </section>
        <section>
          <h3>Clicks</h3>
          <p>
            A row: only this, again: everything. Shift and a row: this one too. ≠: without this one. A number above the graph: its course. A
            point of the graph: that day, week or month.
          </p>
          <h3>Numbers</h3>
          <dl>
            {METRICS.map((metric) => (
              <div key={metric.name}>
                <dt>{metric.title}</dt>
                <dd>{metric.meaning}</dd>
              </div>
            ))}
          </dl>
          <p>
            Under a filter, visitors and pageviews are those of the events that match; sessions, bounce rate and duration are those of the
            sessions that hold such an event, each taken whole.
          </p>
          <h3>Usual</h3>
          <p>
            A day is compared with the same weekday of the eight weeks before. What lies further from their median than they themselves do, and
            than chance alone would bring it, stands out: of days like the others about one in twenty does.
          </p>
        </section>
      </div>
    </Dialog>
  )
}
