package dev.muster.e2e;

import dev.muster.e2e.FaultyServer.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Short runs of the crash harness, each against a server with one fault, that must all end badly. */
final class PlantedFaults {
    private static final List<String> SMALL = List.of("--assets", "30", "--rate", "10", "--pause", "2");
    private static final List<String> KILLS = List.of("--kills", "2");
    private static final List<String> NOTHING = List.of();

    private PlantedFaults() {}

    /** The run that is to catch each. */
    private static Map<String, List<String>> runs() {
        Map<String, List<String>> runs = new LinkedHashMap<>();
        runs.put("no sync", List.of("--kills", "2", "--lose-unsynced", "--server", "--journal-sync=false"));
        for (Fault fault : Fault.values()) {
            List<String> run = new ArrayList<>(
                    switch (fault) {
                        case ACKNOWLEDGE_BEFORE_WRITE, SKIP_AFTER_RESTART, COMMIT_BEFORE_STORED -> KILLS;
                        case ACKNOWLEDGE_WITHOUT_ROOM -> List.of("--full-disk", "journal");
                        case PASS_OVER_REFUSED -> List.of("--full-disk", "questdb");
                        case DROP_ONE_ROW, DROP_LATE_ROWS, STORE_TWICE, ALTER_VALUE -> NOTHING;
                    });
            run.addAll(List.of("--fault", fault.option()));
            runs.put(fault.option(), run);
        }
        return runs;
    }

    /** Whether every fault was caught. */
    static boolean prove() throws Exception {
        List<String> table = new ArrayList<>();
        boolean all = true;
        for (var run : runs().entrySet()) {
            String failure = failure(run.getValue());
            all &= failure != null;
            table.add((failure == null ? "NOT CAUGHT  " : "caught      ")
                    + run.getKey()
                    + (failure == null ? "" : ": " + failure));
            System.out.println(table.getLast());
        }
        System.out.println();
        table.forEach(System.out::println);
        return all;
    }

    private static @Nullable String failure(List<String> run) throws Exception {
        List<String> arguments = new ArrayList<>(SMALL);
        arguments.addAll(run);
        Path folder = Files.createTempDirectory("muster-fault-");
        CrashHarness.Outcome outcome = new CrashHarness(CrashPlan.of(arguments.toArray(String[]::new)), folder).run();
        return outcome.isAsPromised() ? null : outcome.reckoning() + " " + outcome.faults();
    }
}
