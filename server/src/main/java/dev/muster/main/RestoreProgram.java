package dev.muster.main;

import dev.muster.backup.BackupDamaged;
import dev.muster.backup.Restoration;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Settings;
import dev.muster.platform.config.SettingsException;
import dev.muster.platform.config.SettingsReader;
import dev.muster.platform.error.StartRefusal;
import dev.muster.platform.postgres.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code muster restore}: makes a data directory out of a backup. */
public final class RestoreProgram {
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int REFUSED = 3;

    private static final String HELP = """
            muster restore FILE --data-dir NEW   makes a data directory out of a backup
            muster restore FILE --check          reads a backup through and says whether it is whole
              FILE            of muster backup; - for standard input
              --data-dir NEW  missing or empty
              --db-url URL    of an empty external PostgreSQL to restore into (also --db-user, --db-password); without it
                              into the embedded one of NEW
              --help          prints this

            A retired asset is brought back by: muster asset restore ASSET
            """;

    private RestoreProgram() {}

    public static void main(String[] args) {
        System.exit(run(List.of(args), System.getenv()));
    }

    static int run(List<String> args, Map<String, String> environment) {
        List<String> arguments = new ArrayList<>(args);
        if (arguments.contains("--help") || arguments.contains("-h")) {
            System.out.print(HELP);
            return 0;
        }
        boolean check = arguments.remove("--check");
        if (arguments.isEmpty()
                || (arguments.getFirst().startsWith("-")
                        && !arguments.getFirst().equals("-"))) {
            return fail(USAGE, "the first word is the file of the backup; see muster restore --help");
        }
        String file = arguments.removeFirst();
        try (InputStream archive = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            return check ? check(file, archive) : restore(archive, arguments, environment);
        } catch (SettingsException e) {
            return fail(USAGE, String.valueOf(e.getMessage()));
        } catch (NoSuchFileException e) {
            return fail(
                    USAGE, "there is no file " + file + "; a retired asset is brought back by muster asset restore");
        } catch (BackupDamaged e) {
            return fail(REFUSED, "nothing was restored from " + file + ": " + e.getMessage());
        } catch (IOException | SQLException | RuntimeException e) {
            return fail(FAILED, "nothing was restored from " + file + ": " + reason(e));
        }
    }

    private static int check(String file, InputStream archive) throws IOException {
        Restoration.Result result = Restoration.check(archive);
        System.out.println(file + " is whole: " + said(result));
        return 0;
    }

    private static int restore(InputStream archive, List<String> arguments, Map<String, String> environment)
            throws IOException, SQLException {
        Settings settings = new SettingsReader(SettingsCatalog.ALL).read(arguments, environment);
        if (!settings.isSet(SettingsReader.DATA_DIR)) {
            return fail(USAGE, "--data-dir NEW says where to restore; see muster restore --help");
        }
        DataDirectory directory = new DataDirectory(settings.get(SettingsReader.DATA_DIR));
        Restoration.Result result = new Restoration(directory).run(archive, () -> Database.open(settings, directory));
        System.out.println("restored " + said(result));
        System.out.println("start it with: muster server --data-dir " + directory.root()
                + (settings.isSet(Database.URL) ? " --db-url …" : ""));
        if (result.external()) {
            System.out.println("it was made with an external PostgreSQL: a db-url in its muster.yaml or in the"
                    + " environment still names that one");
        }
        return 0;
    }

    private static String said(Restoration.Result result) {
        return "the state of " + result.of() + ", " + result.files() + " files, " + result.bytes() + " bytes";
    }

    private static String reason(Exception failure) {
        @Nullable Throwable cause = failure instanceof StartRefusal ? null : failure.getCause();
        return failure.getMessage() + (cause == null ? "" : " (" + cause.getMessage() + ")");
    }

    private static int fail(int code, String message) {
        System.err.println("muster restore: " + message);
        return code;
    }
}
