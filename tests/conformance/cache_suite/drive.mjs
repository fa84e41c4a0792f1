// Runs the public HTTP cache suite's tests against a gateway and prints one JSON document: what became of each test, by
// the suite's own words. A test that failed is tried once more by itself: some have two seconds to finish in, which a
// busy machine may not give them; which ones were tried again is part of the document. Tests of interim responses want npm's
// undici beside the suite; without it they are `not_run`.
//
//   node drive.mjs CHECKOUT BASE_URL
//
// CHECKOUT is a copy of the suite; BASE_URL is a gateway whose origin is the suite's own server.
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const AGAIN_MAX = 30 // more failures than this are no matter of time

const [checkout, base] = process.argv.slice(2)
const part = name => import(pathToFileURL(path.join(checkout, name)).href)
const suites = (await part('tests/index.mjs')).default
const { runTests, getResults } = await part('test-engine/client/runner.mjs')
const { testResults } = await part('test-engine/client/test.mjs')
const { determineTestResult, resultTypes } = await part('test-engine/lib/results.mjs')
const words = new Map(Object.entries(resultTypes).map(([word, type]) => [type, word]))

const undici = await import(pathToFileURL(path.join(checkout, 'node_modules/undici/index.js')).href).catch(() => undefined)
const cannotRun = test => undici === undefined && test.requests.some(request => 'expected_interim_responses' in request)

/** The suites with those of their tests that are to run. */
function only (wanted) {
  return suites.map(suite => ({ ...suite, tests: suite.tests.filter(test => !cannotRun(test) && wanted(test)) }))
}

/** All tests with what became of them; prerequisites count as the suite defines. */
function outcomes (results) {
  return suites.flatMap(suite => suite.tests.filter(test => test.browser_only !== true).map(test => ({
    id: test.id,
    kind: test.kind || 'required',
    result: cannotRun(test) ? 'not_run' : words.get(determineTestResult(suites, test.id, results)),
    why: Array.isArray(results[test.id]) ? results[test.id].join(': ') : ''
  })))
}

const good = outcome => outcome.result === 'pass' || outcome.result === 'yes'

await runTests(only(() => true), false, base)
const failed = outcomes(getResults()).filter(outcome => !good(outcome) && outcome.result !== 'not_run' && outcome.kind !== 'check')
const again = failed.length > AGAIN_MAX ? [] : failed.map(outcome => outcome.id)
if (again.length > 0) {
  for (const id of again) delete testResults[id]
  await runTests(only(test => again.includes(test.id)), false, base)
}
// Connections that are kept alive would keep this process alive too.
process.stdout.write(JSON.stringify({ again, tests: outcomes(getResults()) }), () => process.exit(0))
