package dev.muster.e2e;

import dev.muster.e2e.SmallDisks.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen in a run of the crash harness.
 *
 * @param rate main messages a second and asset, unless a load is given
 * @param loadPercent of what the machine takes, measured first; 0 when the rate is given
 * @param meanPause between two blows
 * @param fullDisks each is filled once
 * @param fullFor how long a disk stays full once that was noticed
 * @param fault of {@link FaultyServer}
 */
record CrashPlan(
        int assets,
        double rate,
        int loadPercent,
        int kills,
        int postgresKills,
        List<Part> fullDisks,
        Duration fullFor,
        Duration meanPause,
        long seed,
        boolean loseUnsynced,
        @Nullable String fault,
        List<String> serverSettings) {

    /** So that what waited for a restart goes the way of late rows. */
    private static final String LATE_SOON = "--late-after=2s";

    private static final Set<String> OPTIONS = Set.of(
            "--assets",
            "--rate",
            "--load",
            "--kills",
            "--postgres-kills",
            "--full-disk",
            "--full-for",
            "--pause",
            "--seed",
            "--fault",
            "--server");

    static CrashPlan of(String... arguments) {
        Map<String, List<String>> options = new HashMap<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--lose-unsynced")) {
                options.put(arguments[i], List.of());
                continue;
            }
            if (!OPTIONS.contains(arguments[i]) || i + 1 == arguments.length) {
                throw new IllegalArgumentException(
                        "\"" + arguments[i] + "\" is none of " + OPTIONS + " with a value, nor --lose-unsynced");
            }
            options.computeIfAbsent(arguments[i], _ -> new ArrayList<>()).add(arguments[++i]);
        }
        int load = Integer.parseInt(option(options, "--load", "0").replace("%", ""));
        List<String> settings = new ArrayList<>(options.getOrDefault("--server", List.of()));
        if (settings.stream().noneMatch(setting -> setting.startsWith("--late-after"))) {
            settings.add(LATE_SOON);
        }
        return new CrashPlan(
                Integer.parseInt(option(options, "--assets", "200")),
                Double.parseDouble(option(options, "--rate", "1")),
                load,
                Integer.parseInt(option(options, "--kills", "0")),
                Integer.parseInt(option(options, "--postgres-kills", "0")),
                options.getOrDefault("--full-disk", List.of()).stream()
                        .flatMap(parts -> List.of(parts.split(",", -1)).stream())
                        .map(Part::of)
                        .toList(),
                seconds(option(options, "--full-for", "4")),
                seconds(option(options, "--pause", "8")),
                Long.parseLong(option(options, "--seed", Long.toString(System.nanoTime() % 1_000_000))),
                options.containsKey("--lose-unsynced"),
                options.containsKey("--fault") ? option(options, "--fault", "") : null,
                List.copyOf(settings));
    }

    private static Duration seconds(String text) {
        return Duration.ofMillis((long) (1000 * Double.parseDouble(text)));
    }

    private static String option(Map<String, List<String>> options, String name, String absent) {
        return options.getOrDefault(name, List.of(absent)).getLast();
    }
}
