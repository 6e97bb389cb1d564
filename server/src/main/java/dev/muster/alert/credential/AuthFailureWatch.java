package dev.muster.alert.credential;

import dev.muster.alert.Signals;
import dev.muster.pki.RefusedCredentials;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** Looks at what this server refused lately, on every server. */
@Component
class AuthFailureWatch implements SmartLifecycle {
    private static final Logger LOG = LoggerFactory.getLogger(AuthFailureWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private final RefusedCredentials refused;
    private final AssetStore assets;
    private final Signals signals;
    private final Clock clock;
    private final AuthFailures failures = new AuthFailures();
    private volatile @Nullable Thread thread;

    AuthFailureWatch(RefusedCredentials refused, AssetStore assets, Signals signals, Clock clock) {
        this.refused = refused;
        this.assets = assets;
        this.signals = signals;
        this.clock = clock;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                try {
                    look();
                } catch (DataAccessException | TransactionException away) {
                    LOG.warn("refused credentials are told later, the database is away: {}", away.getMessage());
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    void look() {
        failures.look(
                        refused.lately(),
                        id -> assets.find(id).map(Asset::region).orElse(""),
                        clock.instant().truncatedTo(ChronoUnit.MILLIS))
                .ifPresent(signal -> signals.take("device-plane", List.of(signal)));
    }

    @Override
    public void start() {
        thread = Thread.ofVirtual().name("auth-failures").start(this::run);
    }

    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }
}
