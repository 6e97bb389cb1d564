package dev.muster.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The benchmarks, one per verb. */
@Command(
        name = "bench/run",
        mixinStandardHelpOptions = true,
        description = "Measures Muster beside a reference of the same run.",
        subcommands = {
            JournalBench.class,
            IngestBench.class,
            LatencyBench.class,
            ConnectionsBench.class,
            DdiBench.class,
            RolloutBench.class,
            OverloadBench.class,
            StartBench.class,
            QueryBench.class,
            StorageBench.class,
            AnomalyBench.class,
            ConsoleBench.class,
            Sink.class,
            Subscriber.class
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
