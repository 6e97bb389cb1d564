package dev.muster.identity;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.stereotype.Component;

/**
 * Turns a presented token into an actor, from memory where it was seen within the last second.
 *
 * <p>An entry is believed for a second, so a revocation on another server takes effect within one; on this server it takes effect at
 * once.
 */
@Component
public class Authenticator {
    static final Duration CACHED_FOR = Duration.ofSeconds(1);
    static final Duration TOUCHED_EVERY = Duration.ofMinutes(1);
    static final int MAX_CACHED = 10_000;

    private final ApiTokenStore store;
    private final FailureLimit failures;
    private final Clock clock;
    private final Counter rejected;
    private final Counter limited;
    private final Map<TokenHash, Cached> cache = new ConcurrentHashMap<>();
    /** Grows with every revocation: a token read from the database before it is not remembered after it. */
    private final AtomicLong revocations = new AtomicLong();

    Authenticator(ApiTokenStore store, FailureLimit failures, MeterRegistry meters, Clock clock) {
        this.store = store;
        this.failures = failures;
        this.clock = clock;
        this.rejected = meters.counter("muster.authentication.failures", "reason", "rejected");
        this.limited = meters.counter("muster.authentication.failures", "reason", "limited");
    }

    private record Cached(ApiToken token, Instant at) {
        boolean isFresh(Instant now) {
            return Duration.between(at, now).abs().compareTo(CACHED_FOR) < 0;
        }
    }

    /** @param address of the peer; its failures are counted, and past the limit only tokens that were good lately are looked at */
    public Authentication authenticate(String presented, String address) {
        Instant now = clock.instant();
        Optional<Duration> wait = failures.wait(address, now);
        Optional<TokenSecret> secret = TokenSecret.parse(presented);
        if (secret.isEmpty()) {
            return wait.map(this::limited)
                    .orElseGet(() ->
                            rejected(address, now, "the token is not of the form muster_ and 43 letters or digits"));
        }
        TokenHash hash = secret.get().hash();
        Cached cached = cache.get(hash);
        if (cached != null && cached.isFresh(now)) {
            return judged(cached.token(), address, now);
        }
        // A token that was good lately is no guess: who shares the address with a guesser stays in.
        if (wait.isPresent() && cached == null) {
            return limited(wait.get());
        }
        return load(hash, now)
                .map(token -> judged(token, address, now))
                .orElseGet(() -> rejected(address, now, "the token is unknown"));
    }

    /** Makes every token prove itself again. */
    void forgetAll() {
        revocations.incrementAndGet();
        cache.clear();
    }

    private Authentication judged(ApiToken token, String address, Instant now) {
        if (token.revokedAt() != null) {
            return rejected(address, now, "the token was revoked at " + token.revokedAt());
        }
        if (!token.isUsable(now)) {
            return rejected(address, now, "the token expired at " + token.expiresAt());
        }
        return new Authentication.Accepted(token.actor());
    }

    private Authentication rejected(String address, Instant now, String reason) {
        failures.count(address, now);
        rejected.increment();
        return new Authentication.Rejected(reason);
    }

    private Authentication limited(Duration wait) {
        limited.increment();
        return new Authentication.Limited(wait);
    }

    private Optional<ApiToken> load(TokenHash hash, Instant now) {
        long revocationsBefore = revocations.get();
        Optional<ApiToken> found = store.findByHash(hash).map(token -> touched(token, now));
        Optional<ApiToken> usable = found.filter(token -> token.isUsable(now));
        if (usable.isEmpty()) {
            cache.remove(hash);
            return found;
        }
        if (cache.size() >= MAX_CACHED) {
            cache.clear();
        }
        cache.put(hash, new Cached(usable.get(), now));
        if (revocations.get() != revocationsBefore) {
            cache.remove(hash);
        }
        return found;
    }

    private ApiToken touched(ApiToken token, Instant now) {
        Instant last = token.lastUsedAt();
        Instant due = now.minus(TOUCHED_EVERY);
        if (!token.isUsable(now) || (last != null && last.isAfter(due))) {
            return token;
        }
        store.touch(token.id(), now, due);
        return token.usedAt(now);
    }
}
