package dev.muster.file;

import dev.muster.gateway.port.FileIntake.Announced;
import dev.muster.protocol.AssetId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code asset_file} and {@code file_upload}. */
@Component
class FileStore {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};
    private static final String FILE =
            "id, asset_id, name, kind, media_type, size, sha256, taken_at, received_at, labels,"
                    + " until, held_since, held_by, held_reason";
    private static final String UPLOAD =
            "id, asset_id, name, kind, media_type, size, sha256, taken_at, labels, resumable,"
                    + " received, found, begun_at, until";

    private final JdbcClient jdbc;

    FileStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Against others that count or add what one asset has, until the end of the transaction. */
    void lockAsset(AssetId asset) {
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('file/' || :asset, 0))")
                .param("asset", asset.value())
                .query((row, _) -> true)
                .single();
    }

    /**
     * What there is.
     *
     * @param bytes of the asset's files, and of its uploads as if they were whole
     * @param coming bytes that uploads of all assets still have to come
     */
    record Kept(long bytes, int files, int uploads, long coming) {}

    Kept kept(AssetId asset) {
        return jdbc.sql("""
                        select f.bytes + u.bytes as bytes, f.n as files, u.n as uploads,
                               (select coalesce(sum(size - received), 0)::bigint from file_upload) as coming
                        from (select coalesce(sum(size), 0)::bigint as bytes, count(*) as n
                              from asset_file where asset_id = :asset) f,
                             (select coalesce(sum(size), 0)::bigint as bytes, count(*) as n
                              from file_upload where asset_id = :asset) u
                        """)
                .param("asset", asset.value())
                .query((row, _) -> new Kept(
                        row.getLong("bytes"), row.getInt("files"), row.getInt("uploads"), row.getLong("coming")))
                .single();
    }

    // ---- uploads

    void insert(FileUpload upload) {
        Announced file = upload.file();
        Instant takenAt = file.takenAt();
        jdbc.sql("insert into file_upload (" + UPLOAD + """
                        ) values (:id, :asset, :name, :kind, :mediaType, :size, :sha256, :takenAt, :labels::jsonb,
                                  :resumable, :received, null, :begunAt, :until)
                        """)
                .param("id", upload.id())
                .param("asset", upload.asset().value())
                .param("name", file.name())
                .param("kind", file.kind())
                .param("mediaType", file.mediaType())
                .param("size", file.size())
                .param("sha256", file.sha256(), Types.VARCHAR)
                .param("takenAt", takenAt == null ? null : utc(takenAt), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("labels", JSON.writeValueAsString(file.labels()))
                .param("resumable", upload.resumable())
                .param("received", upload.received())
                .param("begunAt", utc(upload.begunAt()))
                .param("until", utc(upload.until()))
                .update();
    }

    Optional<FileUpload> upload(AssetId asset, String id) {
        return jdbc.sql("select " + UPLOAD + " from file_upload where id = :id and asset_id = :asset")
                .param("id", id)
                .param("asset", asset.value())
                .query(FileStore::readUpload)
                .optional();
    }

    void received(String upload, long received, Instant until) {
        jdbc.sql("update file_upload set received = :received, until = :until where id = :id")
                .param("received", received)
                .param("until", utc(until))
                .param("id", upload)
                .update();
    }

    void found(String upload, String sha256) {
        jdbc.sql("update file_upload set found = :found where id = :id")
                .param("found", sha256)
                .param("id", upload)
                .update();
    }

    /** @return whether there was one */
    boolean deleteUpload(String id) {
        return jdbc.sql("delete from file_upload where id = :id")
                        .param("id", id)
                        .update()
                > 0;
    }

    /** Uploads that nobody goes on with. */
    List<String> expiredUploads(Instant now, int limit) {
        return jdbc.sql("select id from file_upload where until <= :now order by until limit :limit")
                .param("now", utc(now))
                .param("limit", limit)
                .query((row, _) -> row.getString(1))
                .list();
    }

    // ---- files

    void insert(AssetFile file) {
        jdbc.sql("insert into asset_file (" + FILE + """
                        ) values (:id, :asset, :name, :kind, :mediaType, :size, :sha256, :takenAt, :receivedAt,
                                  :labels::jsonb, :until, null, null, null)
                        """)
                .param("id", file.id())
                .param("asset", file.asset().value())
                .param("name", file.name())
                .param("kind", file.kind())
                .param("mediaType", file.mediaType())
                .param("size", file.size())
                .param("sha256", file.sha256())
                .param("takenAt", utc(file.takenAt()))
                .param("receivedAt", utc(file.receivedAt()))
                .param("labels", JSON.writeValueAsString(file.labels()))
                .param("until", utc(file.until()))
                .update();
    }

    Optional<AssetFile> find(String id) {
        return jdbc.sql("select " + FILE + " from asset_file where id = :id")
                .param("id", id)
                .query(FileStore::readFile)
                .optional();
    }

    /** Against other changes, until the end of the transaction. */
    Optional<AssetFile> lock(String id) {
        return jdbc.sql("select " + FILE + " from asset_file where id = :id for update")
                .param("id", id)
                .query(FileStore::readFile)
                .optional();
    }

    /** By the unique index. */
    Optional<AssetFile> same(AssetId asset, String sha256, String name) {
        return jdbc.sql("select " + FILE
                        + " from asset_file where asset_id = :asset and sha256 = :sha256 and name = :name")
                .param("asset", asset.value())
                .param("sha256", sha256)
                .param("name", name)
                .query(FileStore::readFile)
                .optional();
    }

    /** Newest first. @param before ids from this one on are left out */
    List<AssetFile> page(@Nullable AssetId asset, @Nullable String kind, @Nullable String before, int limit) {
        return jdbc.sql("select " + FILE + """
                         from asset_file
                        where (:asset::text is null or asset_id = :asset)
                          and (:kind::text is null or kind = :kind)
                          and (:before::text is null or id < :before)
                        order by id desc limit :limit
                        """)
                .param("asset", asset == null ? null : asset.value(), Types.VARCHAR)
                .param("kind", kind, Types.VARCHAR)
                .param("before", before, Types.VARCHAR)
                .param("limit", limit)
                .query(FileStore::readFile)
                .list();
    }

    void update(AssetFile file) {
        AssetFile.Hold hold = file.hold();
        jdbc.sql("""
                        update asset_file set until = :until, held_since = :since, held_by = :by, held_reason = :reason
                        where id = :id
                        """)
                .param("until", utc(file.until()))
                .param("since", hold == null ? null : utc(hold.since()), Types.TIMESTAMP_WITH_TIMEZONE)
                .param("by", hold == null ? null : hold.by(), Types.VARCHAR)
                .param("reason", hold == null ? null : hold.reason(), Types.VARCHAR)
                .param("id", file.id())
                .update();
    }

    void delete(String id) {
        jdbc.sql("delete from asset_file where id = :id").param("id", id).update();
    }

    /** Those whose time is over and that nobody holds, locked until the end of the transaction. */
    List<AssetFile> expired(Instant now, int limit) {
        return jdbc.sql("select " + FILE + """
                         from asset_file where until <= :now and held_since is null
                        order by until, id limit :limit for update skip locked
                        """)
                .param("now", utc(now))
                .param("limit", limit)
                .query(FileStore::readFile)
                .list();
    }

    /** The asset is no more: what nobody holds goes with it. */
    void endAll(AssetId asset, Instant now) {
        jdbc.sql("update asset_file set until = :now where asset_id = :asset and until > :now")
                .param("now", utc(now))
                .param("asset", asset.value())
                .update();
        jdbc.sql("update file_upload set until = :now where asset_id = :asset and until > :now")
                .param("now", utc(now))
                .param("asset", asset.value())
                .update();
    }

    /** Those of the hashes that a file has, or is about to have. */
    Set<String> referenced(Collection<String> hashes) {
        return new HashSet<>(jdbc.sql("""
                        select sha256 from asset_file where sha256 = any(:hashes)
                        union
                        select found from file_upload where found = any(:hashes)
                        """)
                .param("hashes", hashes.toArray(String[]::new))
                .query(String.class)
                .list());
    }

    private static AssetFile readFile(ResultSet row, int number) throws SQLException {
        Instant heldSince = instant(row, "held_since");
        return new AssetFile(
                row.getString("id"),
                new AssetId(row.getString("asset_id")),
                row.getString("name"),
                row.getString("kind"),
                row.getString("media_type"),
                row.getLong("size"),
                row.getString("sha256"),
                required(row, "taken_at"),
                required(row, "received_at"),
                JSON.readValue(row.getString("labels"), LABELS),
                required(row, "until"),
                heldSince == null
                        ? null
                        : new AssetFile.Hold(heldSince, row.getString("held_by"), row.getString("held_reason")));
    }

    private static FileUpload readUpload(ResultSet row, int number) throws SQLException {
        return new FileUpload(
                row.getString("id"),
                new AssetId(row.getString("asset_id")),
                new Announced(
                        row.getString("name"),
                        row.getString("kind"),
                        row.getString("media_type"),
                        row.getLong("size"),
                        row.getString("sha256"),
                        instant(row, "taken_at"),
                        JSON.readValue(row.getString("labels"), LABELS)),
                row.getBoolean("resumable"),
                row.getLong("received"),
                row.getString("found"),
                required(row, "begun_at"),
                required(row, "until"));
    }

    private static Instant required(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
