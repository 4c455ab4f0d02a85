import { Component, type ReactNode } from 'react'

interface Props {
  children: ReactNode
}

/** What stands in place of a page that could not be drawn: what can be done about it. Back, or another address, tries again. */
export class Broken extends Component<Props, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidMount() {
    addEventListener('popstate', this.again)
  }

  override componentWillUnmount() {
    removeEventListener('popstate', this.again)
  }

  again = () => this.setState({ failed: false })

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <main id="main" className="login">
        <h1 className="mark">Footfall</h1>
        <p role="alert">This page could not be drawn. That is a defect of the dashboard; the numbers are not affected.</p>
        <p>Load it again. If it fails again, open it without its settings: the period, filters and tabs in its address.</p>
        <div className="actions">
          <a className="button" href={bareAddress(location)}>
            Open without settings
          </a>
          <button type="button" className="main" onClick={() => location.reload()}>
            Load again
          </button>
        </div>
      </main>
    )
  }
}

/** The same page without what is chosen on it; a shared link keeps its secret. */
export function bareAddress({ pathname, hash }: Pick<Location, 'pathname' | 'hash'>): string {
  // A query, if an empty one: from an address to itself with a fragment nothing is loaded.
  return `${pathname}?${hash}`
}
