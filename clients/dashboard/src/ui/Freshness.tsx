import { useGet } from '../answers'
import type { Answers } from '../answers'
import { count, counted, time } from '../format'
import type { Go } from '../address'
import type { Meta } from '../questions'
import type { Bots, State } from '../state'

interface Health {
  waiting: number | null
  rollups_pending: number | null
}

const SOURCES = { rollup: 'daily totals', raw: 'the events', both: 'daily totals and the events' }

/** How fresh and how complete the numbers are, and what they cost. */
export function Freshness({ meta, answers, state, go }: { meta: Meta; answers: Answers; state: State; go: Go }) {
  const { answer: health } = useGet<Health>(`health?${answers.at}`)
  const parts = [
    meta.fresh_to ? `Complete to ${time(meta.fresh_to, meta.timezone)} (${meta.timezone})` : `Days of ${meta.timezone}`,
    health && (health.waiting ? `${counted(health.waiting, 'message')} on the way` : 'nothing on its way'),
    health?.rollups_pending ? `${counted(health.rollups_pending, 'day')} being added up` : null,
    `from ${SOURCES[meta.source]}`,
    `${counted(answers.cost.rows, 'row')} in ${count(Math.round(answers.cost.ms))} ms`,
  ].filter(Boolean)
  return (
    <footer className="freshness">
      <p>{parts.join(' · ')}</p>
      <label>
        Bots{' '}
        <select value={state.bots} onChange={(event) => go({ bots: event.target.value as Bots })}>
          <option value="exclude">left out</option>
          <option value="include">included</option>
          <option value="only">only</option>
        </select>
      </label>
    </footer>
  )
}
