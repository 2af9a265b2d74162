/** Drives an update server with a simulated fleet; see --help. */
import { writeFileSync } from 'node:fs';
import { CallFailure } from './fleet/call-failure.ts';
import { FLEET_USAGE, FleetOptionError, parseFleetOptions } from './fleet/fleet-options.ts';
import { fleetReport } from './fleet/fleet-report.ts';
import { runFleet } from './fleet/fleet-run.ts';
import { LoadTargetError, loadTarget } from './fleet/load-target.ts';
import { reportTable } from './fleet/report-table.ts';

try {
  const options = parseFleetOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(FLEET_USAGE);
  } else {
    const url = await loadTarget(options.server, options.remoteTargetIsMine);
    const report = fleetReport(options, await runFleet(options, url));
    process.stdout.write(reportTable(report));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
} catch (error) {
  const isUsage = error instanceof FleetOptionError || error instanceof LoadTargetError;
  if (!isUsage && !(error instanceof CallFailure)) throw error;
  const what = isUsage ? error.message : `The server could not be surveyed: ${error.message}`;
  process.stderr.write(`${what}\n${error instanceof FleetOptionError ? 'See --help.\n' : ''}`);
  process.exitCode = 2;
}
