# What Muster's programs need of their JVM, how they are rehearsed and how they are run. Read by ./muster of a checkout and by
# bin/muster of a distribution, which say what differs: jar prints the jar of $module, cache_of sets $cache, and $rehearsal_log.

# JVM flags in common: end rather than limp on without memory; libraries reach memory outside of the heap. No compact
# object headers: docs/decisions/0006. Native access is granted in the manifests, not here: with that flag the cache of a
# rehearsal would not be used whole.
common="-XX:+ExitOnOutOfMemoryError -Dfile.encoding=UTF-8 -Djava.awt.headless=true
  --sun-misc-unsafe-memory-access=allow -Xlog:cds=off -Xlog:aot=off"

# Says how the JVM of a program is started.
program() {
  module=$1
  case $module in
  server)
    # Idle, server and databases together stay below 1 GB; the heap gives back what it does not need, but begins with
    # what a start takes, and keeps a third free: with a tenth, it was marked anew every other second under load.
    flags="-XX:InitialHeapSize=256m -XX:MinHeapSize=64m -Xmx1g -XX:+UseG1GC -XX:G1PeriodicGCInterval=120000
      -XX:MinHeapFreeRatio=30 -XX:MaxHeapFreeRatio=60 -XX:MaxMetaspaceSize=256m
      -XX:ReservedCodeCacheSize=96m -XX:MaxDirectMemorySize=512m"
    # Batches of thousands of rows make arrays of a megabyte. In regions of one, each lies apart, and begins a marking of the whole
    # heap as soon as more than the given part of it is old: a heap that is kept small is marked all the time. So it is where the JVM
    # chooses that part itself: with half of the heap alive (a million assets) the marking took a third of the server's processor time.
    flags="$flags -XX:G1HeapRegionSize=4m -XX:-G1UseAdaptiveIHOP -XX:InitiatingHeapOccupancyPercent=70"
    # The best code is made for what runs sixteen times as often as the JVM thinks is often: a start runs much a little,
    # and the compiler took half of its processor time. What messages run reaches this within moments.
    flags="$flags -XX:Tier4InvocationThreshold=80000 -XX:Tier4MinInvocationThreshold=9600
      -XX:Tier4CompileThreshold=240000 -XX:Tier4BackEdgeThreshold=640000"
    ;;
  agent)
    # On small machines: the smallest collector, no second compiler, small stacks (docs/decisions/0030).
    flags="-Xms4m -Xmx32m -XX:+UseSerialGC -Xss512k -XX:TieredStopAtLevel=1 -XX:MaxMetaspaceSize=40m
      -XX:ReservedCodeCacheSize=12m -XX:MaxDirectMemorySize=8m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=30"
    ;;
  simulator)
    flags="-Xms64m -Xmx2g -XX:+UseParallelGC"
    ;;
  cli)
    # Lives for a second: the smallest collector, and no time for the best code.
    flags="-Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
    ;;
  esac
}

# Sets the programs that the first word needs, of which the last one is run; without a main class of its own its jar says it.
# Whether the word is one of ours or the first of the command line's says its exit code.
choose() {
  main=
  case ${1-} in
  server | agent) modules=$1 ;;
  sim) modules=simulator ;;
  restore)
    modules=server
    main=dev.muster.main.RestoreProgram
    ;;
  demo)
    modules="server cli simulator"
    main=dev.muster.simulator.demo.Main
    ;;
  *)
    modules=cli
    return 1
    ;;
  esac
}

# The classes that a program usually loads, linked, and what was learned about its methods are kept in a cache, made by a
# rehearsal (JEP 483, 514, 515): half of the start-up time. Without it the program only starts more slowly, so a failure
# here does not matter.
rehearse() {
  rehearsed=$cache.$$
  case $module in
  cli) (rehearsal -cp "$(jar)" dev.muster.cli.Rehearsal) || true ;;
  server) rehearse_server ;;
  *) return 0 ;;
  esac
  [ ! -f "$rehearsed" ] || mv -f "$rehearsed" "$cache"
}

# Becomes the JVM, without the settings of the user: a rehearsal must not touch a real server.
rehearsal() {
  # shellcheck disable=SC2086 # the flags are lists
  exec env -i PATH="$PATH" HOME="${HOME-}" "$JAVA_HOME/bin/java" $common $flags "-XX:AOTCacheOutput=$rehearsed" "$@" \
    >>"$rehearsal_log" 2>&1
}

# Starts on a data directory of its own and on any free ports, and stops when it is ready.
rehearse_server() {
  echo "muster: rehearsing the start of the server once" >&2
  scratch=$(mktemp -d)
  (rehearsal -jar "$(jar)" "--data-dir=$scratch" --http-listen=127.0.0.1:0 \
    --mqtt-listen=127.0.0.1:0 --device-listen=127.0.0.1:0) &
  rehearsing=$!
  seconds=0
  while [ ! -f "$scratch/run/server.json" ] && [ $seconds -lt 120 ] && kill -0 $rehearsing 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
  done
  kill $rehearsing 2>/dev/null || true
  wait $rehearsing || true
  rm -rf "$scratch"
}

# Becomes the last of the programs chosen.
run() {
  program "${modules##* }"
  if [ -n "$main" ]; then
    # What the manifest grants holds for -jar alone.
    grants="--enable-native-access=ALL-UNNAMED --add-opens=java.base/java.lang.reflect=ALL-UNNAMED
      --add-opens=java.base/java.lang=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED"
    # shellcheck disable=SC2086 # the flags are lists
    exec "$JAVA_HOME/bin/java" $common -Xmx768m -XX:+UseSerialGC $grants ${MUSTER_JAVA_OPTS-} "-Dmuster.root=$root" \
      "-Dmuster.launcher=$launcher" -cp "$(jar)" "$main" "$@"
  fi
  cache_of
  share=-Xshare:auto
  [ ! -f "$cache" ] || share=-XX:AOTCache=$cache
  # shellcheck disable=SC2086 # the flags are lists
  exec "$JAVA_HOME/bin/java" $common $flags "$share" ${MUSTER_JAVA_OPTS-} -jar "$(jar)" "$@"
}
