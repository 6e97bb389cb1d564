package dev.muster.file;

import dev.muster.file.FileRules.Limits;
import dev.muster.file.FileRules.Use;
import dev.muster.gateway.port.FileIntake;
import dev.muster.platform.config.Settings;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.type.AssetType;
import dev.muster.registry.type.AssetTypes;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Takes what assets send: admits it within their limits, stores it piece by piece, makes a file of it when it is whole. */
@Component
class ReceivedFiles implements FileIntake {
    /** For one that comes in one request; as long as the device plane lets it take. */
    private static final Duration IN_ONE_REQUEST = Duration.ofHours(1);

    private final FileStore store;
    private final FileContents contents;
    private final AssetStore assets;
    private final AssetTypes types;
    private final EventLog events;
    private final MeterRegistry meters;
    private final Ids ids;
    private final Clock clock;
    private final Settings settings;
    private final TransactionTemplate transaction;

    ReceivedFiles(
            FileStore store,
            FileContents contents,
            AssetStore assets,
            AssetTypes types,
            EventLog events,
            MeterRegistry meters,
            Ids ids,
            Clock clock,
            Settings settings,
            PlatformTransactionManager transactions) {
        this.store = store;
        this.contents = contents;
        this.assets = assets;
        this.types = types;
        this.events = events;
        this.meters = meters;
        this.ids = ids;
        this.clock = clock;
        this.settings = settings;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public long maxBytes() {
        return settings.get(FileSettings.MAX_BYTES);
    }

    @Override
    public Said begin(AssetId asset, Announced file, boolean resumable) {
        return asked(() -> inTransaction(() -> {
            store.lockAsset(asset);
            FileStore.Kept kept = store.kept(asset);
            long free = contents.store().freeBytes();
            var use = new Use(
                    kept.bytes(), kept.files(), kept.uploads(), free < 0 ? free : Math.max(0, free - kept.coming()));
            Optional<Said.Refused> refused = FileRules.refusal(asset, file, limits(asset), use);
            if (refused.isPresent()) {
                return refused.get();
            }
            Instant now = now();
            Instant until = now.plus(resumable ? settings.get(FileSettings.UPLOAD_LIFETIME) : IN_ONE_REQUEST);
            var upload = new FileUpload(ids.next(), asset, file, resumable, 0, null, now, until);
            store.insert(upload);
            return going(upload);
        }));
    }

    private Limits limits(AssetId asset) {
        Optional<AssetType> type = type(asset);
        Optional<AssetType.Files> own = type.map(AssetType::files);
        return new Limits(
                type.map(AssetType::name).orElse("unknown"),
                Math.min(maxBytes(), own.map(AssetType.Files::maxBytes).orElse(maxBytes())),
                own.map(AssetType.Files::quota).orElse(settings.get(FileSettings.QUOTA)),
                settings.get(FileSettings.MAX_FILES),
                settings.get(FileSettings.MAX_UPLOADS),
                settings.get(FileSettings.RESERVE));
    }

    private Optional<AssetType> type(AssetId asset) {
        return assets.find(asset).map(Asset::type).flatMap(types::find);
    }

    @Override
    public Said append(AssetId asset, String id, long offset, InputStream piece) {
        return asked(() -> contents.store().exclusively(id, () -> {
            FileUpload upload = store.upload(asset, id).orElse(null);
            if (upload == null) {
                return progress(asset, id) instanceof Said.Stored stored && offset == stored.size() ? stored : gone(id);
            }
            return upload.received() == offset ? append(upload, piece) : elsewhere(upload, offset);
        }));
    }

    private Said append(FileUpload upload, InputStream piece) {
        if (upload.found() != null) {
            return complete(upload);
        }
        if (!contents.store().holds(upload.id(), upload.received())) {
            store.deleteUpload(upload.id()); // somebody has tidied below the data directory
            return gone(upload.id());
        }
        long size = upload.file().size();
        long received =
                contents.store().write(upload.id(), upload.received(), size, there -> keep(upload, there), piece);
        return received == size
                ? complete(upload)
                : store.upload(upload.asset(), upload.id())
                        .map(ReceivedFiles::going)
                        .orElseGet(() -> gone(upload.id()));
    }

    private static Said elsewhere(FileUpload upload, long offset) {
        return new Said.Refused(
                409,
                "conflict",
                "the piece begins at " + offset + ", " + upload.received() + " bytes are there; go on from there");
    }

    private void keep(FileUpload upload, long size) {
        Instant until = upload.resumable() ? now().plus(settings.get(FileSettings.UPLOAD_LIFETIME)) : upload.until();
        store.received(upload.id(), size, until);
    }

    /** Every step of it can be done again. */
    private Said complete(FileUpload upload) {
        String known = upload.found();
        String found = known == null ? contents.store().hash(upload.id()) : known;
        String said = upload.file().sha256();
        if (said != null && !said.equals(found)) {
            store.deleteUpload(upload.id());
            contents.store().forget(upload.id());
            return new Said.Refused(
                    422,
                    "digest_mismatch",
                    "the file has the SHA-256 " + found + ", announced was " + said
                            + "; it is thrown away, send it again");
        }
        return contents.store().whileKept(() -> {
            store.found(upload.id(), found);
            contents.store().keep(upload.id(), found);
            return inTransaction(() -> stored(upload, found));
        });
    }

    private Said stored(FileUpload upload, String sha256) {
        Announced said = upload.file();
        store.lockAsset(upload.asset());
        if (!store.deleteUpload(upload.id())) {
            return progress(upload.asset(), upload.id());
        }
        Optional<AssetFile> same = store.same(upload.asset(), sha256, said.name());
        if (same.isPresent()) {
            return new Said.Stored(same.get().id(), said.size(), sha256, false);
        }
        Instant now = now();
        Instant taken = said.takenAt();
        AssetFile file = new AssetFile(
                upload.id(),
                upload.asset(),
                said.name(),
                said.kind(),
                said.mediaType(),
                said.size(),
                sha256,
                taken == null || taken.isAfter(now) ? upload.begunAt() : taken.truncatedTo(ChronoUnit.MILLIS),
                now,
                said.labels(),
                now.plus(kept(upload.asset())),
                null);
        store.insert(file);
        // No name: who may read events may not read files.
        events.append(
                "file.received",
                "asset/" + file.asset(),
                Map.of("file", file.id(), "kind", file.kind(), "size", file.size()));
        meters.counter("muster.files.received").increment();
        meters.counter("muster.files.received.bytes").increment(file.size());
        return new Said.Stored(file.id(), file.size(), sha256, true);
    }

    private Duration kept(AssetId asset) {
        return type(asset).map(type -> type.retention().files()).orElse(settings.get(FileSettings.KEPT));
    }

    @Override
    public Said progress(AssetId asset, String id) {
        return asked(() -> store.upload(asset, id)
                .map(ReceivedFiles::going)
                .or(() -> store.find(id)
                        .filter(file -> file.asset().equals(asset))
                        .map(file -> new Said.Stored(file.id(), file.size(), file.sha256(), false)))
                .orElseGet(() -> gone(id)));
    }

    @Override
    public Said discard(AssetId asset, String id) {
        return asked(() -> {
            if (store.upload(asset, id).isEmpty()) {
                return gone(id);
            }
            discard(id);
            return new Said.Discarded();
        });
    }

    /** The row first: bytes without a row are found. */
    private void discard(String upload) {
        store.deleteUpload(upload);
        contents.store().discard(upload);
    }

    private static Said going(FileUpload upload) {
        return new Said.Going(upload.id(), upload.received(), upload.file().size(), upload.until());
    }

    private static Said gone(String id) {
        return new Said.Refused(404, "not_found", "there is no upload " + id + " of this asset; begin again");
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private <T> T inTransaction(Supplier<T> work) {
        return Objects.requireNonNull(transaction.execute(status -> work.get()));
    }

    /** Within a transaction as well: then what it throws is thrown again by the outer one. */
    private static Said asked(Supplier<Said> work) {
        try {
            return work.get();
        } catch (Refusal refusal) {
            return new Said.Refused(refusal.code().status(), refusal.code().wire(), refusal.detail());
        } catch (DataAccessException | TransactionException e) {
            throw new UncheckedIOException(new IOException("the database cannot be asked: " + e.getMessage(), e));
        }
    }
}
