import { useState } from 'react'
import { withParameters } from '../api'
import { useGet, useQuery } from '../answers'
import { forApi } from '../filters'
import { rowsOf, ROWS } from '../questions'
import type { State } from '../state'
import { Rows, type RowActions } from './Rows'
import { explain } from './Trouble'

interface Told {
  data: { event: string; key: string; events: number }[]
}

interface Props extends RowActions {
  state: State
  now: string
  period: Record<string, string>
}

/** The properties of events: one is chosen, its values are shown. */
export function Properties({ state, now, period, ...actions }: Props) {
  const [chosen, choose] = useState('')
  const path = withParameters('properties', {
    site: state.site,
    bots: state.bots === 'exclude' ? '' : state.bots,
    ...period,
    filters: state.filters.length ? JSON.stringify(forApi(state.filters)) : '',
  })
  const { answer, error } = useGet<Told>(path)
  const keys = answer?.data ?? []
  const names = keys.map((one) => `${one.event}\u0000${one.key}`)
  const name = names.includes(chosen) ? chosen : (names[0] ?? '')
  const [event = '', key = ''] = name.split('\u0000')
  const asked = key ? rowsOf(state, now, `props:${key}`, ['events', 'visitors'], ROWS - 1) : null
  const filters = [['is', 'event', [event]], ['is_not', `props:${key}`, ['']]]
  const values = useQuery(asked && { ...asked, filters: [...(asked.filters ?? []), ...filters] })
  const trouble = error ?? (key ? values.error : null)
  if (trouble) return <p className="none">{explain(trouble)}</p>
  if (!answer || (key && !values.answer)) return <div className="skeleton rows-skeleton" />
  if (!key) return <p className="none">No event of this period has properties.</p>
  return (
    <>
      <label className="property">
        Property{' '}
        <select value={name} onChange={(event) => choose(event.target.value)}>
          {keys.map((one, index) => (
            <option key={names[index]} value={names[index]}>
              {one.key} of {one.event || 'pageviews'}
            </option>
          ))}
        </select>
      </label>
      <Rows answer={values.answer!} dimension={`props:${key}`} title={key} unit="Events" visitors={null} {...actions} />
    </>
  )
}
