package dev.muster.file;

import dev.muster.platform.config.Setting;
import java.time.Duration;
import java.util.List;

/** What can be configured of the files of assets. */
public final class FileSettings {
    static final Setting<Long> MAX_BYTES = Setting.bytes(
            "file-max-bytes", "1GiB", 1 << 10, "Largest file that an asset may send; an asset type may say less.");
    static final Setting<Long> QUOTA = Setting.bytes(
            "file-quota",
            "2GiB",
            1 << 10,
            "Bytes of files that are kept of one asset; an asset type may say otherwise.");
    static final Setting<Integer> MAX_FILES =
            Setting.count("file-max-count", 1_000, 1, 100_000, "Files that are kept of one asset.");
    static final Setting<Integer> MAX_UPLOADS =
            Setting.count("file-max-uploads", 4, 1, 64, "Files that one asset may have on their way at the same time.");
    static final Setting<Duration> KEPT = Setting.duration(
            "file-retention",
            "30d",
            Duration.ofHours(1),
            Duration.ofDays(3650),
            "How long a file of an asset is kept; an asset type may say otherwise, and somebody may hold it.");
    static final Setting<Duration> UPLOAD_LIFETIME = Setting.duration(
            "file-upload-lifetime",
            "24h",
            Duration.ofMinutes(1),
            Duration.ofDays(30),
            "How long a file that is not whole is kept after its last piece.");
    static final Setting<Long> RESERVE = Setting.bytes(
            "file-disk-reserve", "1GiB", 0, "Room on the disk that files of assets leave free for everything else.");

    public static final List<Setting<?>> SETTINGS =
            List.of(MAX_BYTES, QUOTA, MAX_FILES, MAX_UPLOADS, KEPT, UPLOAD_LIFETIME, RESERVE);

    private FileSettings() {}
}
