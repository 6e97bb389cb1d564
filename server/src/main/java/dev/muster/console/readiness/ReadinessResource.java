package dev.muster.console.readiness;

import dev.muster.backup.BackupStore;
import dev.muster.console.readiness.Check.About;
import dev.muster.console.readiness.Check.State;
import dev.muster.console.readiness.Figures.Assets;
import dev.muster.console.readiness.Figures.Exposure;
import dev.muster.console.readiness.Figures.RoleExpiry;
import dev.muster.console.readiness.Figures.Signing;
import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Permissions;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.pki.CertificateAuthority;
import dev.muster.pki.PkiSettings;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.ListenAddress;
import dev.muster.platform.config.Settings;
import dev.muster.platform.web.HttpListener;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.release.metadata.SignedRepository;
import dev.muster.twin.view.DriftResource;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /api/v1/readiness}. */
@RestController
@Tag(name = "console")
class ReadinessResource {
    private final ReadinessStore store;
    private final DriftResource drift;
    private final SignedRepository repository;
    private final CertificateAuthority authority;
    private final BackupStore backups;
    private final DataDirectory data;
    private final Settings settings;
    private final Clock clock;

    ReadinessResource(
            ReadinessStore store,
            DriftResource drift,
            SignedRepository repository,
            CertificateAuthority authority,
            BackupStore backups,
            DataDirectory data,
            Settings settings,
            Clock clock) {
        this.store = store;
        this.drift = drift;
        this.repository = repository;
        this.authority = authority;
        this.backups = backups;
        this.data = data;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * @param ready whether nothing fails and nothing is unknown
     * @param states how many checks are in each
     */
    @Schema(name = "Readiness")
    record Readiness(Instant at, boolean ready, Map<String, Long> states, List<Check> checks) {
        static Readiness of(Instant at, List<Check> checks) {
            Map<String, Long> states = new TreeMap<>();
            checks.forEach(check -> states.merge(check.state().wire(), 1L, Long::sum));
            return new Readiness(
                    at,
                    checks.stream().noneMatch(check -> check.state() == State.FAIL || check.state() == State.UNKNOWN),
                    states,
                    checks);
        }
    }

    @GetMapping("/api/v1/readiness")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(
            operationId = "checkReadiness",
            summary = "Checks what a fleet in production needs",
            description =
                    "Asked live. Assets are those in scope. A check that the actor may not see, and one about which nothing is"
                            + " known, is unknown: that is not ok.")
    Readiness readiness(Actor actor) {
        Instant now = clock.instant();
        Assets assets = store.assets(actor, now);
        List<Check> checks = new ArrayList<>();
        checks.add(ReadinessRules.owners(assets));
        checks.add(ReadinessRules.identities(assets));
        checks.add(ReadinessRules.telemetry(assets));
        checks.add(
                allowed(actor, Kind.RELEASE, ReadinessRules.RELEASES, () -> ReadinessRules.releases(signing(), now)));
        checks.add(allowed(
                actor, Kind.ROLLOUT, ReadinessRules.ROLLOUTS, () -> ReadinessRules.rollouts(store.newestRollouts())));
        checks.add(ReadinessRules.drift(drift(actor)));
        checks.add(
                whole(actor, Kind.TOKEN, ReadinessRules.TOKENS, () -> ReadinessRules.tokens(store.usableTokens(now))));
        Exposure exposure = exposure();
        checks.add(whole(actor, Kind.METRICS, ReadinessRules.EXPOSURE, () -> ReadinessRules.exposure(exposure)));
        checks.add(whole(actor, Kind.METRICS, ReadinessRules.CA, () -> ReadinessRules.ca(exposure, now)));
        checks.add(whole(
                actor, Kind.METRICS, ReadinessRules.BACKUP, () -> ReadinessRules.backup(backups.newestDone(), now)));
        checks.add(
                whole(actor, Kind.ALERTING, ReadinessRules.ALERTS, () -> ReadinessRules.alerts(store.alerting(now))));
        return Readiness.of(now, checks);
    }

    private static Check allowed(Actor actor, Kind kind, About about, Supplier<Check> check) {
        Optional<String> refusal = Permissions.refusal(actor, Verb.READ, kind);
        return refusal.map(why -> about.unknown(why, "ask somebody who may")).orElseGet(check);
    }

    /** About the installation, so a narrower scope does not see it. */
    private static Check whole(Actor actor, Kind kind, About about, Supplier<Check> check) {
        return actor.scope().isAll()
                ? allowed(actor, kind, about, check)
                : about.unknown(
                        "this needs a scope of all assets, the actor has " + actor.scope(), "ask somebody who may");
    }

    private Signing signing() {
        List<RoleExpiry> roles = repository.states().stream()
                .filter(role -> !role.role().equals(TopRole.SNAPSHOT.wire())
                        && !role.role().equals(TopRole.TIMESTAMP.wire()))
                .map(role -> new RoleExpiry(role.role(), role.expires()))
                .toList();
        return new Signing(
                store.publishedReleases(),
                roles,
                store.rootSince(),
                Files.exists(data.root().resolve("demo").resolve("lock")));
    }

    private Figures.Drift drift(Actor actor) {
        DriftResource.Summary summary = drift.summary(actor, null);
        return new Figures.Drift(
                summary.assets(),
                summary.observed(),
                summary.outOfSync(),
                summary.states().getOrDefault("unknown", 0L),
                summary.rate());
    }

    private Exposure exposure() {
        ListenAddress http = settings.get(HttpListener.LISTEN);
        return new Exposure(
                http.host() + ":" + http.port(),
                http.loopback(),
                settings.get(PkiSettings.DEVICE_HOST_NAMES),
                !settings.isSet(PkiSettings.PASSPHRASE_FILE),
                authority.issuing().getFirst().getNotAfter().toInstant());
    }
}
