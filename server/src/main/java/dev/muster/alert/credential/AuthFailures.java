package dev.muster.alert.credential;

import dev.muster.alert.Signal;
import dev.muster.pki.RefusedCredentials;
import dev.muster.pki.RefusedCredentials.Refused;
import dev.muster.protocol.AssetId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether so many were refused that it is one thing that is wrong: it begins at {@value #BEGIN} of them within the window, and is
 * over below {@value #END}. For one thread; knows no clock.
 */
final class AuthFailures {
    static final String NAME = "AuthFailures";
    static final int BEGIN = 20;
    static final int END = 10;
    /** A server that is no more says nothing: then it is over by itself. */
    static final Duration EXPIRY = Duration.ofMinutes(10);

    private static final int SAMPLED = 100;
    private static final int SHOWN = 10;

    private @Nullable Instant since;
    private String region = "";

    /**
     * @param lately one for each of those that were refused within the window
     * @param regions of assets; empty for one that does not exist
     * @return empty when there is nothing to say
     */
    Optional<Signal> look(List<Refused> lately, Function<AssetId, String> regions, Instant now) {
        Instant began = since;
        if (began == null) {
            if (lately.size() < BEGIN) {
                return Optional.empty();
            }
            began = now;
            since = now;
            region = regionOf(lately, regions);
        }
        boolean over = lately.size() < END;
        Signal signal = signal(lately, began, over ? now : now.plus(EXPIRY));
        if (over) {
            since = null;
        }
        return Optional.of(signal);
    }

    private Signal signal(List<Refused> lately, Instant began, Instant until) {
        List<String> first =
                lately.stream().map(Refused::who).sorted().limit(SHOWN).toList();
        Map<String, Integer> reasons = new TreeMap<>();
        lately.forEach(each -> reasons.merge(each.reason(), 1, Integer::sum));
        return new Signal(
                new TreeMap<>(Map.of(Signal.NAME, NAME, Signal.REGION, region, Signal.SEVERITY, "ticket")),
                Map.of(
                        "summary",
                        "the credentials of " + lately.size() + " are refused within "
                                + RefusedCredentials.WINDOW.toMinutes() + " minutes",
                        "description",
                        "By reason: " + reasons + "; " + String.join(", ", first)
                                + (lately.size() > first.size() ? ", …" : "")),
                began,
                Optional.of(until),
                "/api/v1/alerts");
    }

    /** That of at least half of them; {@code several}, or {@code unknown} when they are no assets of this fleet. */
    private static String regionOf(Collection<Refused> lately, Function<AssetId, String> regions) {
        Map<String, Integer> counts = new HashMap<>();
        List<String> known = lately.stream()
                .flatMap(each -> each.asset().stream())
                .sorted(Comparator.comparing(AssetId::value))
                .limit(SAMPLED)
                .map(regions)
                .filter(each -> !each.isEmpty())
                .toList();
        known.forEach(each -> counts.merge(each, 1, Integer::sum));
        return counts.entrySet().stream()
                .filter(each -> each.getValue() * 2 >= known.size())
                .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse(known.isEmpty() ? "unknown" : "several");
    }
}
