package dev.muster.backup;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Backups over HTTP. */
@RestController
@Tag(name = "backups")
@RequestMapping("/api/v1/backups")
class BackupResource {
    static final long SLOWEST = 64 << 10;
    private static final int NEWEST = 50;

    private final Backups backups;
    private final BackupStore store;

    BackupResource(Backups backups, BackupStore store) {
        this.backups = backups;
        this.store = store;
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.BACKUP)
    @Operation(operationId = "listBackups", summary = "Lists the newest 50 backups, newest first")
    List<BackupRun> list() {
        return store.newest(NEWEST);
    }

    @PostMapping(produces = "application/x-tar")
    @Requires(verb = Verb.ADMIN, kind = Kind.BACKUP)
    @Operation(
            operationId = "createBackup",
            summary = "Sends a backup of everything that the server owns, as of now",
            description =
                    "A tar archive that ends with the file SHA256SUMS; one that does not end so is torn. It holds keys and"
                            + " secrets in plain. muster backup asks for it, muster restore takes it.")
    @ApiResponse(
            responseCode = "200",
            description = "the archive",
            content = @Content(mediaType = "application/x-tar", schema = @Schema(type = "string", format = "binary")))
    void create(
            Actor actor,
            @Parameter(description = "at most so many bytes a second; as fast as they are taken without it")
                    @RequestParam(required = false)
                    @Nullable Long bytesPerSecond,
            HttpServletResponse response)
            throws IOException {
        if (bytesPerSecond != null && bytesPerSecond < SLOWEST) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "bytesPerSecond is " + bytesPerSecond + "; at least " + SLOWEST + " are needed, or leave it out");
        }
        backups.write(actor, () -> stream(response, bytesPerSecond));
    }

    private static OutputStream stream(HttpServletResponse response, @Nullable Long bytesPerSecond) {
        response.setContentType("application/x-tar");
        response.setHeader("Content-Disposition", "attachment; filename=\"muster-backup.tar\"");
        response.setHeader("Cache-Control", "no-store");
        try {
            OutputStream out = response.getOutputStream();
            return bytesPerSecond == null ? out : new PacedStream(out, bytesPerSecond);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
