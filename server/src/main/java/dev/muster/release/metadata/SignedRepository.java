package dev.muster.release.metadata;

import dev.muster.identity.Actor;
import dev.muster.pki.SealedKeys;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.tuf.Metadata;
import dev.muster.protocol.tuf.Metadata.MetaFile;
import dev.muster.protocol.tuf.Metadata.TopRole;
import dev.muster.protocol.tuf.MetadataReader;
import dev.muster.protocol.tuf.MetadataRefusedException;
import dev.muster.protocol.tuf.MetadataRefusedException.Reason;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.protocol.tuf.SignedDocument;
import dev.muster.protocol.tuf.TrustedMetadata;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The repository as it is stored and served: takes what people sign, and signs snapshot and timestamp over it. */
public final class SignedRepository {
    private static final Pattern FILE =
            Pattern.compile("(?:([1-9]\\d{0,17})\\.)?([A-Za-z0-9][A-Za-z0-9._-]{0,127})\\.json");
    private static final List<String> ONLINE = List.of(TopRole.SNAPSHOT.wire(), TopRole.TIMESTAMP.wire());
    private static final int KEPT_VERSIONS = 16;

    private final MetadataStore store;
    private final OnlineKeys keys;
    private final Clock clock;
    private final Duration timestampLifetime;

    private SignedRepository(MetadataStore store, OnlineKeys keys, Clock clock, Duration timestampLifetime) {
        this.store = store;
        this.keys = keys;
        this.clock = clock;
        this.timestampLifetime = timestampLifetime;
    }

    /** @param keyFolder of the two keys that the server signs with; made when they are not there */
    public static SignedRepository open(
            JdbcClient jdbc,
            Path keyFolder,
            SealedKeys sealed,
            SecureRandom random,
            Clock clock,
            Duration timestampLifetime) {
        return new SignedRepository(
                new MetadataStore(jdbc), OnlineKeys.in(keyFolder, sealed, random), clock, timestampLifetime);
    }

    /** Of a role's newest metadata. */
    public record RoleState(String role, long version, Instant expires) {}

    /** A change of the repository that was verified and stored. */
    public record Change(Repository before, Repository after, Map<String, byte[]> news) {}

    public OnlineKeys keys() {
        return keys;
    }

    public Repository current() {
        return store.repository();
    }

    /**
     * Takes signed documents by role, in the caller's transaction; one caller at a time.
     *
     * @throws Refusal in the words of the verification: CONFLICT for an outdated version, else REFUSED
     */
    public Change accept(Actor actor, Map<String, byte[]> incoming) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw new IllegalStateException("metadata is accepted outside of a transaction");
        }
        store.lock();
        Repository before = store.repository();
        Map<String, byte[]> news = before.news(incoming);
        if (news.isEmpty()) {
            return new Change(before, before, news);
        }
        Instant now = clock.instant();
        try {
            Repository after = before.with(
                    news, now, keys.snapshot().publicKey(), keys.timestamp().publicKey());
            news.forEach((role, document) -> store.add(role, versionOf(after, role), document, now, actor.id()));
            if (after.isComplete()) {
                sign(after, now);
            }
            return new Change(before, after, news);
        } catch (MetadataRefusedException refused) {
            throw new Refusal(
                    refused.reason() == Reason.ROLLED_BACK ? ErrorCode.CONFLICT : ErrorCode.REFUSED, refused.detail());
        }
    }

    private static long versionOf(Repository repository, String role) {
        return role.equals(Repository.ROOT)
                ? repository.root().orElseThrow().version()
                : repository.targets(role).orElseThrow().version();
    }

    /** Signs again when half of the timestamp's life is over, in the caller's transaction. @return whether it was due */
    public boolean renewIfDue() {
        store.lock();
        Instant now = clock.instant();
        Optional<Metadata.Timestamp> timestamp = timestamp();
        Repository repository = store.repository();
        if (!repository.isComplete()
                || timestamp.isPresent()
                        && timestamp.get().expires().isAfter(now.plus(timestampLifetime.dividedBy(2)))) {
            return false;
        }
        try {
            sign(repository, now);
            return true;
        } catch (MetadataRefusedException e) {
            throw new IllegalStateException(
                    "releases can be given to no asset any more: " + e.getMessage()
                            + "; an administrator signs anew with muster release keys renew",
                    e);
        }
    }

    /** Verified as an asset would, before anybody sees it. */
    private void sign(Repository repository, Instant now) throws MetadataRefusedException {
        Instant expires = now.plus(timestampLifetime);
        long version = store.newestVersion(TopRole.SNAPSHOT.wire()) + 1;
        SignedDocument snapshot = SignedDocument.sign(
                new Metadata.Snapshot(version, expires, repository.snapshotFiles()).signed(),
                "snapshot.json",
                List.of(keys.snapshot()));
        long timestampVersion = store.newestVersion(TopRole.TIMESTAMP.wire()) + 1;
        SignedDocument timestamp = SignedDocument.sign(
                new Metadata.Timestamp(timestampVersion, expires, now, MetaFile.of(version, snapshot.bytes())).signed(),
                "timestamp.json",
                List.of(keys.timestamp()));
        byte[] root = repository.document(Repository.ROOT).orElseThrow();
        TrustedMetadata verified = TrustedMetadata.startingWith(root, now)
                .withTimestamp(timestamp.bytes())
                .withSnapshot(snapshot.bytes())
                .withTargets(repository.document(Repository.TARGETS).orElseThrow());
        Object unused = verified;
        store.add(TopRole.SNAPSHOT.wire(), version, snapshot.bytes(), now, Actor.SYSTEM.id());
        store.add(TopRole.TIMESTAMP.wire(), timestampVersion, timestamp.bytes(), now, Actor.SYSTEM.id());
        store.forgetOlder(ONLINE, KEPT_VERSIONS);
    }

    private Optional<Metadata.Timestamp> timestamp() {
        return own(TopRole.TIMESTAMP, MetadataReader::timestamp);
    }

    private Optional<Metadata.Snapshot> snapshot() {
        return own(TopRole.SNAPSHOT, MetadataReader::snapshot);
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read(SignedDocument document) throws MetadataRefusedException;
    }

    private <T> Optional<T> own(TopRole role, Reading<T> reading) {
        String what = role.wire() + ".json";
        return store.newest(role.wire()).map(document -> {
            try {
                return reading.read(SignedDocument.parse(document, what));
            } catch (MetadataRefusedException e) {
                throw new IllegalStateException("the stored " + what + " cannot be read: " + e.getMessage(), e);
            }
        });
    }

    /** A file as clients ask for it: {@code timestamp.json}, {@code root.json}, {@code 3.root.json}, {@code 7.releases-app.json}. */
    public Optional<byte[]> file(String name) {
        Matcher matcher = FILE.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String version = matcher.group(1);
        String role = matcher.group(2);
        return version == null ? store.newest(role) : store.find(role, Long.parseLong(version));
    }

    /** Of every role that has spoken, in the order of the specification. */
    public List<RoleState> states() {
        Repository repository = store.repository();
        List<RoleState> states = new ArrayList<>();
        repository.root().ifPresent(root -> states.add(state(Repository.ROOT, root)));
        timestamp().ifPresent(timestamp -> states.add(state(TopRole.TIMESTAMP.wire(), timestamp)));
        snapshot().ifPresent(snapshot -> states.add(state(TopRole.SNAPSHOT.wire(), snapshot)));
        repository.targets(Repository.TARGETS).ifPresent(targets -> states.add(state(Repository.TARGETS, targets)));
        repository
                .componentRoles()
                .forEach(role -> states.add(state(role, repository.targets(role).orElseThrow())));
        return states;
    }

    private static RoleState state(String role, Metadata metadata) {
        return new RoleState(role, metadata.version(), metadata.expires());
    }

    /** Of the first root: where trust begins. */
    public Optional<String> rootPin() {
        return store.find(Repository.ROOT, 1).map(Sha256::of);
    }
}
