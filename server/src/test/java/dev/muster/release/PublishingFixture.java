package dev.muster.release;

import static dev.muster.release.Signers.artifact;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.audit.AuditLog;
import dev.muster.identity.Actor;
import dev.muster.identity.ActorKind;
import dev.muster.identity.Role;
import dev.muster.identity.Scope;
import dev.muster.pki.TestSealedKeys;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.testing.MovedClock;
import dev.muster.platform.testing.TestDatabase;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.UpdateClient;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.selector.Selectors;
import dev.muster.release.Publishing.Published;
import dev.muster.release.artifact.ArtifactStore;
import dev.muster.release.artifact.PackedArtifacts;
import dev.muster.release.metadata.SignedRepository;
import dev.muster.release.supply.Supply;
import dev.muster.release.supply.SupplyStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/** A repository of releases on PostgreSQL with the keys of everybody who signs, and words for what is published and refused. */
abstract class PublishingFixture {
    static final Actor CI = new Actor("ci", ActorKind.TOKEN, Role.OPERATOR, Scope.ALL);

    static final Actor ADMIN = new Actor("anna", ActorKind.TOKEN, Role.ADMIN, Scope.ALL);

    static final byte[] V1 = "app 1".getBytes(StandardCharsets.UTF_8);

    static final byte[] V2 = "app 2, longer".getBytes(StandardCharsets.UTF_8);

    static final byte[] OS = "os 3".getBytes(StandardCharsets.UTF_8);

    static final TargetFile APP1 = artifact("app", "1.0.0", V1, "asset.region == 'eu'", "rpi4");

    static final TargetFile APP2 = artifact("app", "2.0.0", V2, "");

    static final TargetFile OS3 = artifact("os", "3", OS, "");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    final MovedClock clock = new MovedClock();

    final Map<ReleaseName, String> needed = new HashMap<>();

    @SuppressWarnings("NullAway.Init")
    JdbcClient jdbc;

    @SuppressWarnings("NullAway.Init")
    JdbcTransactionManager transactions;

    @SuppressWarnings("NullAway.Init")
    SignedRepository repository;

    @SuppressWarnings("NullAway.Init")
    ArtifactStore artifacts;

    @SuppressWarnings("NullAway.Init")
    ReleaseStore store;

    @SuppressWarnings("NullAway.Init")
    Publishing publishing;

    @SuppressWarnings("NullAway.Init")
    Releases releases;

    @SuppressWarnings("NullAway.Init")
    Signers signers;

    @BeforeEach
    final void open() {
        DataSource database = TestDatabase.fresh();
        jdbc = JdbcClient.create(database);
        transactions = new JdbcTransactionManager(database);
        repository = SignedRepository.open(
                jdbc,
                directory.resolve("keys"),
                TestSealedKeys.create(),
                new SecureRandom(),
                clock,
                Duration.ofDays(7));
        artifacts = new ArtifactStore(directory.resolve("artifacts"), 1 << 20, 8);
        store = new ReleaseStore(jdbc);
        AuditLog audit = new AuditLog(jdbc, clock);
        EventLog events = new EventLog(jdbc, transactions, JsonMapper.shared());
        publishing = new Publishing(
                repository,
                store,
                artifacts,
                new SupplyStore(jdbc),
                Supply.Rules.NONE,
                new Selectors(new SimpleMeterRegistry()),
                audit,
                events,
                clock,
                transactions);
        releases = new Releases(store, audit, events, clock, transactions);
        signers = new Signers(
                3,
                repository.keys().snapshot().publicKey(),
                repository.keys().timestamp().publicKey(),
                clock.instant());
    }

    void setUp(String... components) {
        publishing.publish(
                ADMIN,
                Map.of(
                        "root",
                        signers.root(1, signers.root),
                        "targets",
                        signers.targets(1, signers.targets, components)));
    }

    Published publish(Map<String, byte[]> documents) {
        return publishing.publish(CI, documents);
    }

    Published publishApp(long version, TargetFile... files) {
        return publish(Map.of("releases-app", signers.releases(version, signers.ci, files)));
    }

    DeviceArtifacts downloads() {
        AssetStore assets =
                new AssetStore(jdbc, new JdbcTemplate(Objects.requireNonNull(transactions.getDataSource())));
        return new DeviceArtifacts(artifacts, store, repository, packed(), assets);
    }

    PackedArtifacts packed() {
        return new PackedArtifacts(directory.resolve("packed"), artifacts);
    }

    void upload(byte[] content) {
        artifacts.append(Sha256.of(content), 0, content.length, new ByteArrayInputStream(content));
    }

    /** An asset that has seen the repository. */
    UpdateClient asset() throws Exception {
        UpdateClient client =
                UpdateClient.in(directory.resolve("asset"), (file, maxBytes) -> repository.file(file), clock);
        client.pinRoot(repository.rootPin().orElseThrow()).refresh();
        return client;
    }

    static String refusal(ThrowingCallable attempt) {
        Refusal refusal = catchThrowableOfType(Refusal.class, attempt);
        String errors = refusal.errors().stream().map(PublishingFixture::shown).collect(Collectors.joining());
        return refusal.code().wire() + ": " + refusal.detail() + errors;
    }

    private static String shown(FieldProblem problem) {
        return "; " + problem.field() + ": " + problem.message();
    }
}
