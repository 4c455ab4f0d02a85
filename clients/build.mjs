// Builds what clients/*/dist holds: node build.mjs [folder], by default into place. Prints the size of each script
// (gzip -9) and fails where one is over what docs/tracker.md promises. The same sources make the same bytes.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'

const here = dirname(fileURLToPath(import.meta.url))
const into = process.argv[2] ? resolve(process.argv[2]) : here
process.chdir(here)
const tracker = join(into, 'tracker', 'dist')
const react = join(into, 'react', 'dist')

/** Bytes that a visitor loads at most. */
const PROMISED = { 'f.core.js': 1000, 'f.js': 2450, 'f.vitals.js': 3600 }

const NOTICE = '/* With web-vitals, Copyright Google LLC, Apache License 2.0 */\n'
const options = { absWorkingDir: here, bundle: true, tsconfigRaw: {}, write: false, target: 'es2021', legalComments: 'none', charset: 'utf8' }
const smaller = { compress: { passes: 4, ecma: 2020, keep_fargs: false }, ecma: 2020, toplevel: true }

/** What is built, by path: written once all of it is there. */
const made = new Map()

/** The types of the sources, in a folder that is removed at the end. */
const types = mkdtempSync(join(tmpdir(), 'footfall-types-'))

async function bundled(entry, format, isFull, external = []) {
  const define = { FULL: String(isFull) }
  const { outputFiles } = await build({ ...options, entryPoints: [entry], format, external, define, minifySyntax: true })
  return outputFiles[0].text
}

/** A script of pages. */
async function script(name, entry, isFull, before = '') {
  const code = before + (await minify(await bundled(entry, 'iife', isFull), smaller)).code
  const bytes = gzipSync(code, { level: 9 }).length
  console.log(`${name.padEnd(10)} ${String(bytes).padStart(5)} bytes (gzip -9), at most ${PROMISED[name]}`)
  if (bytes > PROMISED[name]) process.exitCode = 1
  made.set(join(tracker, name), code)
}

/** A module of a package. */
async function module(to, entry, before = '') {
  made.set(to, before + (await bundled(entry, 'esm', true, ['react'])))
}

function declared(from, to, change = (text) => text) {
  made.set(to, change(readFileSync(join(types, from), 'utf8')))
}

try {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '--outDir', types], { stdio: 'inherit' })
  await script('f.core.js', 'tracker/src/script.ts', false)
  await script('f.js', 'tracker/src/script.ts', true)
  await script('f.vitals.js', 'tracker/src/vitals.script.ts', true, NOTICE)

  await module(join(tracker, 'module', 'index.js'), 'tracker/src/index.ts')
  await module(join(tracker, 'module', 'vitals.js'), 'tracker/src/vitals.ts', NOTICE)
  for (const name of ['index', 'vitals', 'types']) {
    declared(`tracker/src/${name}.d.ts`, join(tracker, 'module', `${name}.d.ts`))
  }

  // The mark has to stand first, or Next.js renders the provider on the server.
  await module(join(react, 'index.js'), 'react/src/index.tsx', "'use client'\n")
  declared('react/src/index.d.ts', join(react, 'index.d.ts'), (text) => text.replace('../../tracker/src/index.js', './tracker.js'))
  declared('tracker/src/index.d.ts', join(react, 'tracker.d.ts'))
  declared('tracker/src/types.d.ts', join(react, 'types.d.ts'))

  for (const folder of [tracker, react]) rmSync(folder, { recursive: true, force: true })
  for (const [path, content] of made) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
} finally {
  rmSync(types, { recursive: true })
}
