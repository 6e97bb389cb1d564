package dev.muster.simulator.device;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The commands that the shipped asset types declare, and what simulated assets answer to them. */
final class CommandBook {
    /** Every asset knows it. */
    static final String WIPE = "wipe";

    static final String RUN = "run";
    /** The one program that the owner of every simulated Linux device has listed. */
    static final String FREE_SPACE = "free-space";

    static final String RESTART_SERVICE = "restart-service";
    /** What sets the clock of a Linux device. */
    static final String TIME_SERVICE = "systemd-timesyncd";

    /**
     * A command that assets of a type know.
     *
     * @param millis how long it takes; null for the pace's own time
     * @param restarts the asset goes down and comes back before the command has succeeded
     * @param needs parameters without which it is rejected
     */
    record Entry(String name, @Nullable Span millis, boolean restarts, List<String> needs) {}

    private static final Map<String, List<Entry>> BY_TYPE = Map.of(
            "vehicle",
            List.of(
                    quick("lock"),
                    quick("unlock"),
                    quick("locate"),
                    quick("flash-lights"),
                    quick("set-speed-limit", "metresPerSecond"),
                    quick("read-dtc")),
            "pos",
            List.of(
                    restart("reboot"),
                    working("restart-app"),
                    quick("show-message", "text"),
                    quick("print-test"),
                    working("sync-prices")),
            "sensor",
            List.of(quick("identify"), working("calibrate", "metric", "reference"), restart("restart")),
            "edge-gpu",
            List.of(
                    restart("reboot"),
                    working("load-model", "model", "version"),
                    quick("set-power-limit", "watts"),
                    working("restart-inference")),
            "linux-device",
            List.of(
                    restart("reboot"),
                    working(RESTART_SERVICE, "service"),
                    working("collect-diagnostics"),
                    working(RUN, "name")));

    private CommandBook() {}

    private static Entry quick(String name, String... needs) {
        return new Entry(name, new Span(50, 400), false, List.of(needs));
    }

    private static Entry working(String name, String... needs) {
        return new Entry(name, null, false, List.of(needs));
    }

    private static Entry restart(String name) {
        return new Entry(name, new Span(50, 400), true, List.of());
    }

    static Optional<Entry> find(String type, String command) {
        if (command.equals(WIPE) && BY_TYPE.containsKey(type)) {
            return Optional.of(working(WIPE));
        }
        return BY_TYPE.getOrDefault(type, List.of()).stream()
                .filter(entry -> entry.name().equals(command))
                .findFirst();
    }

    /** What a success says. */
    static Map<String, Object> detail(Command command, Draw draw) {
        Map<String, Object> detail = new LinkedHashMap<>();
        switch (command.name()) {
            case "lock" -> detail.put("locked", true);
            case "unlock" -> detail.put("locked", false);
            case "locate" -> detail.put("satellites", 6 + (long) (draw.unit("satellites", command.id()) * 9));
            case "read-dtc" ->
                detail.put("codes", draw.unit("dtc", command.id()) < 0.8 ? List.of() : List.of("P0420", "P0171"));
            case "sync-prices" -> detail.put("prices", 4_000 + (long) (draw.unit("prices", command.id()) * 9_000));
            case "collect-diagnostics" ->
                detail.put("bytes", 200_000 + (long) (draw.unit("bytes", command.id()) * 4e6));
            case "calibrate" ->
                detail.put("offset", Math.round((draw.unit("offset", command.id()) - 0.5) * 100) / 100.0);
            default -> detail.putAll(command.params());
        }
        return detail;
    }
}
