package dev.muster.pki;

import dev.muster.pki.IssuedCertificate.Origin;
import dev.muster.pki.IssuedCertificate.Revocation;
import dev.muster.protocol.AssetId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table {@code certificate}. */
@Component
class CertificateStore {
    private static final String COLUMNS = "serial, asset_id, fingerprint, key_hash, not_before, not_after, issued_at,"
            + " origin, origin_ref, superseded_by, revoked_at, revoked_by, revoked_reason";

    private final JdbcClient jdbc;

    CertificateStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Serializes everything that issues to one asset until the end of the transaction. */
    void lockAsset(AssetId asset) {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('certificate/' || :asset, 0))")
                .param("asset", asset.value())
                .query((row, number) -> true)
                .single();
    }

    /** Adds the asset's newest certificate; the ones before stay valid but no longer count as its current one. */
    void add(IssuedCertificate certificate) {
        jdbc.sql("""
                        insert into certificate (serial, asset_id, fingerprint, key_hash, not_before, not_after, issued_at,
                                                 origin, origin_ref)
                        values (:serial, :asset, :fingerprint, :keyHash, :notBefore, :notAfter, :issuedAt,
                                :origin, :originRef)
                        """)
                .param("serial", certificate.serial())
                .param("asset", certificate.asset().value())
                .param("fingerprint", certificate.fingerprint())
                .param("keyHash", certificate.keyHash())
                .param("notBefore", utc(certificate.notBefore()))
                .param("notAfter", utc(certificate.notAfter()))
                .param("issuedAt", utc(certificate.issuedAt()))
                .param("origin", certificate.origin().wire())
                .param("originRef", certificate.originRef())
                .update();
        jdbc.sql("""
                        update certificate set superseded_by = :serial
                        where asset_id = :asset and serial <> :serial and superseded_by is null and revoked_at is null
                        """)
                .param("serial", certificate.serial())
                .param("asset", certificate.asset().value())
                .update();
    }

    /** Adds one that another database gave out; it may not be the newest, so it supersedes nothing. */
    void addSeen(IssuedCertificate certificate) {
        jdbc.sql("""
                        insert into certificate (serial, asset_id, fingerprint, key_hash, not_before, not_after, issued_at,
                                                 origin, origin_ref)
                        values (:serial, :asset, :fingerprint, :keyHash, :notBefore, :notAfter, :issuedAt,
                                'seen', :originRef)
                        on conflict (serial) do nothing
                        """)
                .param("serial", certificate.serial())
                .param("asset", certificate.asset().value())
                .param("fingerprint", certificate.fingerprint())
                .param("keyHash", certificate.keyHash())
                .param("notBefore", utc(certificate.notBefore()))
                .param("notAfter", utc(certificate.notAfter()))
                .param("issuedAt", utc(certificate.issuedAt()))
                .param("originRef", certificate.originRef())
                .update();
    }

    Optional<IssuedCertificate> find(String serial) {
        return jdbc.sql("select " + COLUMNS + " from certificate where serial = :serial")
                .param("serial", serial)
                .query(CertificateStore::read)
                .optional();
    }

    /** Neither revoked nor expired, newest first. */
    List<IssuedCertificate> valid(AssetId asset, Instant now, int limit) {
        return jdbc.sql("select " + COLUMNS + """
                         from certificate
                        where asset_id = :asset and not_after > :now and revoked_at is null
                        order by issued_at desc, serial
                        limit :limit
                        """)
                .param("asset", asset.value())
                .param("now", utc(now))
                .param("limit", limit)
                .query(CertificateStore::read)
                .list();
    }

    /** @return false when it was revoked before, or does not exist */
    boolean revoke(String serial, Revocation revocation) {
        return jdbc.sql("""
                                update certificate set revoked_at = :at, revoked_by = :by, revoked_reason = :reason
                                where serial = :serial and revoked_at is null
                                """)
                        .param("serial", serial)
                        .param("at", utc(revocation.at()))
                        .param("by", revocation.by())
                        .param("reason", revocation.reason())
                        .update()
                == 1;
    }

    /**
     * Which certificates are asked for; null asks for every one.
     *
     * @param from inclusive
     * @param before exclusive
     */
    record Wanted(
            @Nullable AssetId asset,
            @Nullable CertificateState state,
            @Nullable Instant from,
            @Nullable Instant before) {}

    /** Ordered by expiry, then serial. */
    List<IssuedCertificate> page(Wanted wanted, Instant now, @Nullable Position after, int limit) {
        return jdbc.sql("select " + COLUMNS + " from certificate where " + condition(wanted.state()) + """
                          and (:asset::text is null or asset_id = :asset)
                          and (:from::timestamptz is null or not_after >= :from)
                          and (:before::timestamptz is null or not_after < :before)
                          and (:afterSerial::text is null or (not_after, serial) > (:afterExpiry, :afterSerial))
                        order by not_after, serial
                        limit :limit
                        """)
                .param("now", utc(now))
                .param("asset", wanted.asset() == null ? null : wanted.asset().value(), Types.VARCHAR)
                .param("from", wanted.from() == null ? null : utc(wanted.from()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("before", wanted.before() == null ? null : utc(wanted.before()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("afterExpiry", after == null ? null : utc(after.expiry()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("afterSerial", after == null ? null : after.serial(), Types.VARCHAR)
                .param("limit", limit)
                .query(CertificateStore::read)
                .list();
    }

    private static String condition(@Nullable CertificateState state) {
        return switch (state) {
            case null -> "true";
            case CURRENT -> "revoked_at is null and superseded_by is null and not_after > :now";
            case EXPIRED -> "revoked_at is null and superseded_by is null and not_after <= :now";
            case SUPERSEDED -> "revoked_at is null and superseded_by is not null";
            case REVOKED -> "revoked_at is not null";
        };
    }

    /** The newest certificates of assets by when they end; by the partial index on current ones. @param edges ascending */
    Map<Integer, Long> currentByExpiry(List<Instant> edges) {
        Map<Integer, Long> counts = new HashMap<>();
        jdbc.sql("""
                        select width_bucket(not_after, :edges::timestamptz[]) as bucket, count(*) as certificates
                        from certificate where revoked_at is null and superseded_by is null group by bucket
                        """)
                .param("edges", edges.stream().map(Instant::toString).toArray(String[]::new))
                .query(row -> {
                    counts.put(row.getInt("bucket"), row.getLong("certificates"));
                });
        return counts;
    }

    /** Serials that are revoked and would otherwise still be let in, with their expiry. */
    Map<String, Instant> revoked(Instant now) {
        Map<String, Instant> revoked = new HashMap<>();
        jdbc.sql("select serial, not_after from certificate where revoked_at is not null and not_after > :now")
                .param("now", utc(now))
                .query(row -> {
                    revoked.put(row.getString("serial"), instant(row, "not_after"));
                });
        return revoked;
    }

    /** Those of the given serials that are in the table. */
    Set<String> known(Collection<String> serials) {
        return new HashSet<>(jdbc.sql("select serial from certificate where serial = any(:serials)")
                .param("serials", serials.toArray(String[]::new))
                .query(String.class)
                .list());
    }

    /** Counts each asset that is not retired by the expiry of its current certificate. */
    Expiries expiries(Instant now) {
        return jdbc.sql("""
                        select count(*) filter (where not_after <= :now) as expired,
                               count(*) filter (where not_after > :now and not_after <= :day) as day,
                               count(*) filter (where not_after > :now and not_after <= :week) as week,
                               count(*) filter (where not_after > :now) as month
                        from certificate
                        where revoked_at is null and superseded_by is null and not_after <= :month
                          and not exists (select from asset where id = asset_id and lifecycle = 'retired')
                        """)
                .param("now", utc(now))
                .param("day", utc(now.plus(Duration.ofDays(1))))
                .param("week", utc(now.plus(Duration.ofDays(7))))
                .param("month", utc(now.plus(Duration.ofDays(30))))
                .query((row, number) -> new Expiries(
                        row.getLong("expired"), row.getLong("day"), row.getLong("week"), row.getLong("month")))
                .single();
    }

    /** Of current certificates that are not expired; null without any. */
    @Nullable Instant nextExpiry(Instant now) {
        return jdbc.sql("""
                        select min(not_after) as next from certificate
                        where revoked_at is null and superseded_by is null and not_after > :now
                        """)
                .param("now", utc(now))
                .query((row, number) -> Optional.ofNullable(nullableInstant(row, "next")))
                .single()
                .orElse(null);
    }

    /** Where a page ended. */
    record Position(Instant expiry, String serial) {}

    /** @param within30Days includes those within 7 days, and these those within one */
    record Expiries(long expired, long withinOneDay, long within7Days, long within30Days) {}

    private static IssuedCertificate read(ResultSet row, int number) throws SQLException {
        Instant revokedAt = nullableInstant(row, "revoked_at");
        return new IssuedCertificate(
                row.getString("serial"),
                new AssetId(row.getString("asset_id")),
                row.getString("fingerprint"),
                row.getString("key_hash"),
                instant(row, "not_before"),
                instant(row, "not_after"),
                instant(row, "issued_at"),
                Origin.of(row.getString("origin")),
                row.getString("origin_ref"),
                row.getString("superseded_by"),
                revokedAt == null
                        ? null
                        : new Revocation(revokedAt, row.getString("revoked_by"), row.getString("revoked_reason")));
    }

    static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static @Nullable Instant nullableInstant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
