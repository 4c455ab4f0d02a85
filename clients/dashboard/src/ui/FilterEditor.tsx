import { useEffect, useId, useState, type KeyboardEvent } from 'react'
import { ApiError, call, withParameters } from '../api'
import { useGet } from '../answers'
import { isDimension, PANELS } from '../dimensions'
import { forApi, OPERATOR_WORDS, OPERATORS, type Filter, type Operator } from '../filters'
import { count, counted } from '../format'
import { isMeant, isNamed, nameOf } from '../names'
import type { Go } from '../address'
import type { State } from '../state'
import { Dialog } from './Dialog'
import { explain } from './Trouble'

interface Props {
  state: State
  index: number
  /** The period as the reading routes take it. */
  period: Record<string, string>
  onClose: () => void
  go: Go
}

/** A filter that is made or changed: dimension, operator, and values that occur or that somebody types. */
export function FilterEditor({ state, index, period, onClose, go }: Props) {
  const given = state.filters[index]
  const [dimension, setDimension] = useState(given?.dimension ?? 'page')
  const [key, setKey] = useState(given?.dimension.startsWith('props:') ? given.dimension.slice(6) : '')
  const [operator, setOperator] = useState<Operator>(given?.operator ?? 'is')
  const [values, setValues] = useState<readonly string[]>(given?.values ?? [])
  const [typed, setTyped] = useState('')
  const ofProperty = dimension.startsWith('props:')
  const chosen = ofProperty ? `props:${key}` : dimension
  const exact = operator === 'is' || operator === 'is_not'
  const others = state.filters.filter((_, at) => at !== index)
  const scope = { site: state.site, bots: state.bots === 'exclude' ? '' : state.bots, ...period }

  const apply = () => {
    const all = typed && (!exact || values.length === 0) ? [...values, typed] : values
    if (all.length === 0 || !isDimension(chosen)) return
    const filter: Filter = { dimension: chosen, operator, values: [...new Set(all)] }
    onClose()
    go({ filters: given ? state.filters.map((one, at) => (at === index ? filter : one)) : [...state.filters, filter] })
  }
  const add = (value: string) => {
    setValues((now) => (now.includes(value) ? now : [...now, value]))
    setTyped('')
  }
  return (
    <Dialog title={given ? 'Change the filter' : 'Add a filter'} onClose={onClose}>
      <form
        className="filter"
        onSubmit={(event) => {
          event.preventDefault()
          apply()
        }}
      >
        <div className="fields">
          <label>
            Where{' '}
            <select
              value={ofProperty ? 'props:' : dimension}
              onChange={(event) => {
                setDimension(event.target.value)
                setValues([])
              }}
            >
              {PANELS.map((panel) => (
                <optgroup key={panel.name} label={panel.title}>
                  {panel.tabs.map(
                    ({ name, title }) =>
                      title && (
                        <option key={name} value={name}>
                          {title}
                        </option>
                      ),
                  )}
                  {panel.name === 'events' && <option value="props:">Property of events…</option>}
                </optgroup>
              ))}
            </select>
          </label>
          {ofProperty && <PropertyKey value={key} scope={scope} onChange={setKey} />}
          <label>
            Condition{' '}
            <select value={operator} onChange={(event) => setOperator(event.target.value as Operator)}>
              {OPERATORS.map((one) => (
                <option key={one} value={one}>
                  {OPERATOR_WORDS[one]}
                </option>
              ))}
            </select>
          </label>
        </div>
        {values.length > 0 && (
          <ul className="chips" aria-label="Values">
            {values.map((value) => (
              <li key={value}>
                <span className="chip">
                  <bdi>{exact ? nameOf(chosen, value) : value}</bdi>
                </span>
                <button type="button" className="icon" aria-label={`Remove ${value || '(none)'}`} onClick={() => setValues(values.filter((one) => one !== value))}>
                  ×
                </button>
              </li>
            ))}
          </ul>
        )}
        <Picker
          dimension={chosen}
          exact={exact}
          taken={values}
          typed={typed}
          filters={others}
          scope={scope}
          onType={setTyped}
          onPick={add}
          onApply={apply}
        />
        <div className="actions">
          {given && (
            <button
              type="button"
              onClick={() => {
                onClose()
                go({ filters: others })
              }}
            >
              Remove
            </button>
          )}
          <button className="main" disabled={!isDimension(chosen) || (values.length === 0 && !typed)}>
            Apply
          </button>
        </div>
      </form>
    </Dialog>
  )
}

interface Properties {
  data: { event: string; key: string; events: number }[]
}

function PropertyKey({ value, scope, onChange }: { value: string; scope: Record<string, string>; onChange: (key: string) => void }) {
  const { answer } = useGet<Properties>(withParameters('properties', scope))
  const id = useId()
  return (
    <label>
      Property <input value={value} required list={id} autoComplete="off" spellCheck={false} onChange={(event) => onChange(event.target.value)} />
      <datalist id={id}>
        {[...new Set(answer?.data.map((one) => one.key))].map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  )
}

interface PickerProps {
  dimension: string
  exact: boolean
  taken: readonly string[]
  typed: string
  filters: readonly Filter[]
  scope: Record<string, string>
  onType: (text: string) => void
  onPick: (value: string) => void
  onApply: () => void
}

interface Values {
  data: { value: string; events: number }[]
}

/** A field that proposes values which occur; what fits none can still be typed. */
function Picker({ dimension, exact, taken, typed, filters, scope, onType, onPick, onApply }: PickerProps) {
  const [found, setFound] = useState<Values['data']>([])
  const [at, setAt] = useState(-1)
  const [error, setError] = useState<ApiError | null>(null)
  const list = useId()
  const ready = isDimension(dimension)
  // What is shown by another name is searched by that name, here.
  const named = isNamed(dimension)
  const path = withParameters('values', {
    ...scope,
    dimension,
    search: named ? '' : typed,
    limit: named ? '1000' : '50',
    filters: filters.length ? JSON.stringify(forApi(filters)) : '',
  })
  useEffect(() => {
    setAt(-1)
    if (!ready || !exact) {
      setFound([])
      return setError(null)
    }
    const abort = new AbortController()
    const timer = setTimeout(
      () =>
        call<Values>(path, { signal: abort.signal }).then(
          (told) => {
            setFound(told.data)
            setError(null)
          },
          (failed: unknown) => {
            if (abort.signal.aborted) return
            setFound([])
            if (failed instanceof ApiError) setError(failed)
          },
        ),
      typed ? 120 : 0,
    )
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [path, ready, exact])

  const open = found.filter((one) => !taken.includes(one.value) && isMeant(dimension, one.value, typed)).slice(0, 8)
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((now) => Math.min(open.length - 1, now + 1))
    else if (event.key === 'ArrowUp') setAt((now) => Math.max(-1, now - 1))
    else if (event.key === 'Enter' && open[at]) onPick(open[at].value)
    else if (event.key === 'Enter' && typed && exact && event.shiftKey) onPick(typed)
    else if (event.key === 'Enter') onApply()
    else return
    event.preventDefault()
  }
  return (
    <div className="picker">
      <label htmlFor={`${list}-field`}>{exact ? 'Value' : 'Text'}</label>
      <input
        id={`${list}-field`}
        role="combobox"
        aria-expanded={open.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={open[at] ? `${list}-${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        placeholder={exact ? 'Search or type' : ''}
        value={typed}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={keys}
      />
      {error && (
        <p className="quiet" role="alert">
          What occurs cannot be listed: {explain(error)} A value can still be typed.
        </p>
      )}
      <ul id={list} role="listbox" aria-label="Values that occur">
        {open.map((one, index) => (
          <li
            key={one.value}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            onPointerDown={(event) => {
              event.preventDefault()
              onPick(one.value)
            }}
          >
            <bdi>{nameOf(dimension, one.value)}</bdi> <span className="quiet">{count(one.events)}</span>
          </li>
        ))}
      </ul>
      <span className="unseen" role="status">
        {exact && !error && counted(open.length, 'value')}
      </span>
    </div>
  )
}
