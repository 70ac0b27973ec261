"""Measures the programs in a directory and prints the table; see `run`."""
import argparse, glob, json, os, platform, shutil, subprocess, sys, tempfile

import measures
from gateway import Broken
from table import table


def main():
    parser = argparse.ArgumentParser(prog='Tests/Benchmarks/run', description='Speed and memory beside those of peers.')
    parser.add_argument('--programs', required=True, metavar='DIR', help='release-built programs; `run` builds them')
    parser.add_argument('--only', metavar='NAMES', help='some of ' + ','.join(measures.ALL))
    parser.add_argument('--quick', action='store_true', help='small counts: is everything in order?')
    parser.add_argument('--json', metavar='FILE', help='write the rows there as well')
    options = parser.parse_args()
    names = options.only.split(',') if options.only else list(measures.ALL)
    if strange := [name for name in names if name not in measures.ALL]:
        parser.error(f'no measure {strange[0]}; there are {", ".join(measures.ALL)}')
    with tempfile.TemporaryDirectory(prefix='clawnode-bench-') as scratch:
        arrange(options.programs, scratch)
        bench = measures.Bench(scratch, scratch, options.quick)
        rows = []
        load = os.getloadavg()[0]
        try:
            for name in names:
                print(f'{name} …', file=sys.stderr, flush=True)
                rows += measures.ALL[name](bench)
        except (Broken, OSError, subprocess.CalledProcessError) as error:
            for log in glob.glob(f'{scratch}/*.log'):
                with open(log) as file:
                    print(f'--- the end of {os.path.basename(log)}', *file.readlines()[-5:], sep='\n', file=sys.stderr)
            sys.exit(f'{name}: {error}')
        finally:
            bench.kill_all()
    print(f'{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}; load before {load:.2f}\n')
    print(table(rows))
    if options.json:
        with open(options.json, 'w') as file:
            json.dump([row.plain() for row in rows], file, indent=2)


def arrange(built, scratch):
    """`programs` holds what is shipped; in `blob` the benchmark's worker stands where the daemon looks for its own."""
    for folder, name, source in (('programs', 'clawnode', 'clawnode'), ('programs', 'clawnode-media', 'clawnode-media'),
                                 ('programs', 'clawnode-encode', 'clawnode-encode'),
                                 ('programs', 'clawnode-wire', 'clawnode-wire'),
                                 ('blob', 'clawnode', 'clawnode'), ('blob', 'clawnode-media', 'clawnode-blob')):
        os.makedirs(f'{scratch}/{folder}', exist_ok=True)
        shutil.copy(f'{built}/{source}', f'{scratch}/{folder}/{name}')


main()
