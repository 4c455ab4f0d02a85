// The built page: one script, one style sheet, and the map of the world apart. Nothing in it depends on where or when it is built.
import { createHash } from 'node:crypto'
import { defineConfig } from 'vite'

// A policy names each inline script by its hash, so a script that somebody gets into the page does not run.
const policy = () => ({
  name: 'footfall-content-security-policy',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => {
      const hashes = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map(
        ([, text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
      )
      return html.replace('%INLINE%', hashes.join(' '))
    },
  },
})

export default defineConfig({
  // The page is at / and at /share/<id>.
  base: '/',
  plugins: [policy()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    license: { fileName: 'licences.md' },
  },
})
