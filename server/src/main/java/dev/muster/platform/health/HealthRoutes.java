package dev.muster.platform.health;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code /livez}: the process answers. {@code /readyz}: it can do its work, or why not. Both are open to all. */
@Hidden
@RestController
public final class HealthRoutes {
    private final List<ReadinessCheck> checks;

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
        List<Result> results = checks.stream()
                .map(check -> check.problem()
                        .map(problem -> new Result(check.name(), false, problem))
                        .orElse(new Result(check.name(), true, null)))
                .toList();
        boolean ready = results.stream().allMatch(Result::ok);
        return ResponseEntity.status(ready ? 200 : 503).body(new Readiness(ready, results));
    }

    public record Live(String status) {}

    public record Readiness(boolean ready, List<Result> checks) {}

    public record Result(
            String name,
            boolean ok,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String problem) {}
}
