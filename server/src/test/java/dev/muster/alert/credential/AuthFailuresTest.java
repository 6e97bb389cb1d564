package dev.muster.alert.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.alert.Signal;
import dev.muster.pki.RefusedCredentials.Refused;
import dev.muster.protocol.AssetId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AuthFailuresTest {
    private static final Instant NOW = Instant.parse("2026-11-26T08:00:00Z");
    private final AuthFailures failures = new AuthFailures();

    private static List<Refused> refused(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> {
                    AssetId asset = new AssetId("pi-%02d".formatted(number));
                    return new Refused(asset.value(), Optional.of(asset), "revoked", NOW);
                })
                .toList();
    }

    private Optional<Signal> look(int count, int seconds) {
        return failures.look(
                refused(count), id -> id.value().compareTo("pi-12") < 0 ? "eu" : "us", NOW.plusSeconds(seconds));
    }

    @Test
    void manyAreOneSignalWithHysteresisThatEndsByItselfWhenTheServerIsGone() {
        assertThat(look(19, 0)).isEmpty();
        assertThat(look(20, 10))
                .contains(new Signal(
                        new TreeMap<>(Map.of("alertname", "AuthFailures", "region", "eu", "severity", "ticket")),
                        Map.of(
                                "summary",
                                "the credentials of 20 are refused within 5 minutes",
                                "description",
                                "By reason: {revoked=20}; pi-00, pi-01, pi-02, pi-03, pi-04, pi-05, pi-06, pi-07, pi-08, pi-09, …"),
                        NOW.plusSeconds(10),
                        Optional.of(NOW.plusSeconds(610)),
                        "/api/v1/alerts"));
        assertThat(look(10, 20).orElseThrow().endsAt()).contains(NOW.plusSeconds(620));
        assertThat(look(9, 30)).hasValueSatisfying(signal -> {
            assertThat(signal.endsAt()).contains(NOW.plusSeconds(30));
            assertThat(signal.startsAt()).isEqualTo(NOW.plusSeconds(10));
        });
        assertThat(look(19, 40)).isEmpty();
    }

    @Test
    void addressesThatNobodyKnowsHaveNoRegion() {
        List<Refused> scanners = IntStream.range(0, 25)
                .mapToObj(number -> new Refused("192.0.2." + number, Optional.empty(), "unauthenticated", NOW))
                .toList();
        assertThat(failures.look(scanners, _ -> "", NOW).orElseThrow().labels())
                .isEqualTo(Map.of("alertname", "AuthFailures", "region", "unknown", "severity", "ticket"));
    }
}
