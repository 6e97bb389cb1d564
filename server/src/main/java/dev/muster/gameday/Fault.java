package dev.muster.gameday;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One fault of a game day.
 *
 * @param kind {@code offline}, {@code cut}, {@code drift}, {@code skew}, {@code fill}, {@code lapse} of a simulated fleet, or {@code rollout}
 * @param by of a skew, such as {@code 3h}
 * @param rollout of a rollout: the one that brings the bad release
 * @param afterSeconds from the start of the game day
 * @param forSeconds how long it lasts; 0 to the end
 * @param assets whom it hits, fixed at the start
 */
record Fault(
        String kind,
        @Nullable String selector,
        @Nullable String by,
        @Nullable String rollout,
        long afterSeconds,
        long forSeconds,
        List<String> assets) {
    static final List<String> KINDS = List.of("offline", "cut", "drift", "skew", "fill", "lapse", "rollout");

    Fault {
        assets = List.copyOf(assets);
    }

    /** Lines for the control of the simulator (docs/simulator.md). */
    List<String> lines() {
        return switch (kind) {
            case "offline", "cut", "drift", "fill", "lapse" ->
                assets.stream().map(id -> kind + " " + id).toList();
            case "skew" ->
                assets.stream()
                        .map(id -> "skew " + id + " " + Optional.ofNullable(by).orElse("1h"))
                        .toList();
            default -> List.of();
        };
    }

    /** The same that end it. */
    List<String> undo() {
        return switch (kind) {
            case "offline" -> assets.stream().map(id -> "online " + id).toList();
            case "skew" -> assets.stream().map(id -> "skew " + id + " 0s").toList();
            case "fill" -> assets.stream().map(id -> "free " + id).toList();
            case "lapse" -> assets.stream().map(id -> "renew " + id).toList();
            default -> List.of();
        };
    }
}
