package dev.muster.platform.health;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.Hidden;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code /livez}: the process answers. {@code /readyz}: it can do its work, or why not. Both are open to all. */
@Hidden
@RestController
public final class HealthRoutes {
    /** Anybody may ask, as often as they like; the checks run once in this time. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(HealthRoutes.class);

    private final List<ReadinessCheck> checks;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Readiness last;
    private long lastAt;

    public HealthRoutes(List<ReadinessCheck> checks) {
        this.checks = checks.stream()
                .sorted(Comparator.comparing(ReadinessCheck::name))
                .toList();
    }

    @GetMapping(path = "/livez", produces = "application/json")
    public Live live() {
        return new Live("live");
    }

    @GetMapping(path = "/readyz", produces = "application/json")
    public ResponseEntity<Readiness> ready() {
        Readiness readiness = current();
        return ResponseEntity.status(readiness.ready() ? 200 : 503).body(readiness);
    }

    private Readiness current() {
        lock.lock();
        try {
            Readiness known = last;
            if (known != null && System.nanoTime() - lastAt < FRESH.toNanos()) {
                return known;
            }
            List<Result> results = checks.stream().map(HealthRoutes::result).toList();
            Readiness fresh = new Readiness(results.stream().allMatch(Result::ok), results);
            last = fresh;
            lastAt = System.nanoTime();
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    private static Result result(ReadinessCheck check) {
        try {
            return check.problem()
                    .map(problem -> new Result(check.name(), false, problem))
                    .orElse(new Result(check.name(), true, null));
        } catch (RuntimeException e) {
            log.warn("the readiness check {} failed itself", check.name(), e);
            return new Result(check.name(), false, "cannot be checked: " + e.getMessage());
        }
    }

    public record Live(String status) {}

    public record Readiness(boolean ready, List<Result> checks) {}

    public record Result(
            String name,
            boolean ok,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String problem) {}
}
