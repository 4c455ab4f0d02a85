// Makes src/world.json (or the file that is named): the countries' shapes by ISO code, in Equal Earth, and a dot for each place too small to have a shape.
// The shapes are Natural Earth's (public domain) as the package world-atlas has them.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { geoEqualEarth, geoPath, geoCentroid } from 'd3-geo'
import { feature } from 'topojson-client'

const { numericToAlpha2 } = createRequire(import.meta.url)('i18n-iso-countries')
const atlas = (scale) => {
  const world = JSON.parse(readFileSync(new URL(`../node_modules/world-atlas/countries-${scale}.json`, import.meta.url)))
  return feature(world, world.objects.countries).features
}
const WIDTH = 960
// Antarctica has no visitors and a sixth of the height.
const coarse = atlas('110m').filter((shape) => shape.id !== '010')
const projection = geoEqualEarth().fitWidth(WIDTH, { type: 'FeatureCollection', features: coarse })
const path = geoPath(projection).digits(0)
const shapes = {}
for (const shape of coarse) {
  const code = shape.id ? numericToAlpha2(shape.id) : undefined
  const drawn = path(shape)
  if (!drawn) continue
  const name = code ?? '-'
  shapes[name] = (shapes[name] ?? '') + drawn
}
const dots = {}
for (const shape of atlas('50m')) {
  const code = shape.id ? numericToAlpha2(shape.id) : undefined
  if (code && code !== 'AQ' && !(code in shapes)) dots[code] = projection(geoCentroid(shape)).map(Math.round)
}
const height = Math.ceil(path.bounds({ type: 'FeatureCollection', features: coarse })[1][1])
writeFileSync(
  process.argv[2] ?? new URL('../src/world.json', import.meta.url),
  JSON.stringify({ width: WIDTH, height, shapes, dots }) + '\n',
)
console.log(`${Object.keys(shapes).length} shapes, ${Object.keys(dots).length} dots`)
