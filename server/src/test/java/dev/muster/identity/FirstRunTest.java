package dev.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.platform.config.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstRunTest {
    private final TokenFixture fixture = new TokenFixture();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @Test
    void writesAnAdminTokenThatWorksIntoAFileOfTheOwnerOnly() throws IOException {
        Path file = ensureAdmin(folder).orElseThrow();

        assertThat(file).isEqualTo(folder.toAbsolutePath().resolve("admin.token"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(fixture.authenticate(secretIn(file)))
                .isInstanceOfSatisfying(
                        Authentication.Accepted.class,
                        accepted -> assertThat(accepted.actor().role()).isEqualTo(Role.ADMIN));
    }

    @Test
    void leavesTheFileAloneWhileAnAdminTokenIsUsable() throws IOException {
        Path file = ensureAdmin(folder).orElseThrow();
        String before = Files.readString(file);

        assertThat(ensureAdmin(folder)).isEmpty();
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void writesAnotherOnceNobodyCanAdminister() throws IOException {
        Path file = ensureAdmin(folder).orElseThrow();
        TokenSecret old = secretIn(file);
        ApiToken first = fixture.store.list(null, false, null, 1).getFirst();
        fixture.create(Actor.SYSTEM, "scoped-admin", Role.ADMIN, new Scope("asset.type == 'pos'"), null);
        fixture.create(
                Actor.SYSTEM,
                "brief",
                Role.ADMIN,
                Scope.ALL,
                fixture.clock.instant().plusSeconds(1));
        fixture.revoke(Actor.SYSTEM, first);
        assertThat(ensureAdmin(folder)).isEmpty();
        fixture.clock.advance(Duration.ofSeconds(1));

        assertThat(ensureAdmin(folder)).isPresent();

        assertThat(fixture.authenticate(secretIn(file))).isInstanceOf(Authentication.Accepted.class);
        assertThat(fixture.authenticate(old)).isInstanceOf(Authentication.Rejected.class);
    }

    @Test
    void makesNoTokenThatNobodyCanRead() {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> ensureAdmin(folder.resolve("missing")))
                .withMessageContaining("cannot write the first administrator's token to");
        assertThat(fixture.store.hasUsableAdmin(fixture.clock.instant())).isFalse();
    }

    private Optional<Path> ensureAdmin(Path folder) {
        FirstRun firstRun = new FirstRun(fixture.store, fixture.tokens, new DataDirectory(folder), fixture.clock);
        Optional<Path> file = fixture.transactions.execute(status -> firstRun.ensureAdmin());
        return file == null ? Optional.empty() : file;
    }

    private static TokenSecret secretIn(Path file) throws IOException {
        return TokenSecret.parse(Files.readString(file).strip()).orElseThrow();
    }
}
