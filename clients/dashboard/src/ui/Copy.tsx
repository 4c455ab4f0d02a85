import { useId, useState } from 'react'

/** A text to take along, and the button that copies it; where a browser does not let a page copy, it is selected. */
export function Copy({ text, label, main = false }: { text: string; label: string; main?: boolean }) {
  const [done, setDone] = useState('')
  const id = useId()
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setDone('Copied')
    } catch {
      // No permission, or no clipboard: a page without HTTPS has none.
      const range = document.createRange()
      range.selectNodeContents(document.getElementById(id)!)
      getSelection()?.removeAllRanges()
      getSelection()?.addRange(range)
      setDone('Selected; copy it')
    }
  }
  return (
    <div className="copy">
      <pre tabIndex={0} role="region" aria-label={label}>
        <code id={id}>{text}</code>
      </pre>
      <button type="button" className={main ? 'main' : ''} onClick={copy} aria-label={`Copy ${label}`}>
        {done || 'Copy'}
      </button>
      <span className="unseen" role="status">
        {done}
      </span>
    </div>
  )
}
