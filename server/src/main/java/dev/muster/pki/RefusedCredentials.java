package dev.muster.pki;

import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * Who was refused lately because of what it showed: assets where their certificate names them, else addresses. In memory, of this server
 * alone; never more than {@value #MOST} at a time, and of what was shown nothing.
 *
 * <p>That an asset is quarantined or retired is no matter of its credentials and does not count.
 */
@Component
public class RefusedCredentials {
    public static final Duration WINDOW = Duration.ofMinutes(5);
    static final int MOST = 10_000;

    private final Map<String, Refused> lately = new ConcurrentHashMap<>();
    private final MeterRegistry meters;
    private final Clock clock;

    RefusedCredentials(MeterRegistry meters, Clock clock) {
        this.meters = meters;
        this.clock = clock;
    }

    /**
     * @param who asset id or address
     * @param asset empty when it is an address
     * @param reason stable code: {@code unknown}, {@code revoked}, {@code unauthenticated}, …
     */
    public record Refused(String who, Optional<AssetId> asset, String reason, Instant at) {}

    void asset(AssetId asset, String reason) {
        refused(new Refused(asset.value(), Optional.of(asset), reason, clock.instant()));
    }

    /** @param address of whoever showed it; or a name that it gave itself, which proves nothing */
    void other(String address, String reason) {
        refused(new Refused(address, Optional.empty(), reason, clock.instant()));
    }

    private void refused(Refused refused) {
        Counter.builder("muster.credentials.refused")
                .description("Certificates, tokens and claim tokens that were shown and open nothing")
                .tag("reason", refused.reason())
                .register(meters)
                .increment();
        if (lately.size() < MOST || lately.containsKey(refused.who())) {
            lately.put(refused.who(), refused);
        }
    }

    /** One for each of those that were refused within the window. */
    public List<Refused> lately() {
        Instant from = clock.instant().minus(WINDOW);
        lately.values().removeIf(each -> each.at().isBefore(from));
        return List.copyOf(lately.values());
    }
}
