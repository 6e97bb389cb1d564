package dev.muster.agent.file;

import dev.muster.agent.allowed.Allowed;
import dev.muster.agent.config.Fields;
import dev.muster.agent.state.AssetFacts;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A file whose content the server decides.
 *
 * @param name by which it is wanted
 * @param path absolute, below a root that the owner allows
 * @param mode such as {@code 0644}
 * @param owner a user, or {@code user:group}; as the agent's where there is none
 * @param check a program that must end with 0 before the file takes its place; empty for none
 * @param reload a program that is run when the file has changed; empty for none
 * @param repair whether a change by hand is undone, or only reported
 */
record ManagedFile(
        String name,
        Path path,
        Template template,
        String mode,
        Optional<String> owner,
        List<String> check,
        List<String> reload,
        boolean repair) {
    private static final int MAX_TEMPLATE = 256 * 1024;
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3}");
    private static final String PATH_PLACE = "{{path}}";

    static ManagedFile read(String name, Fields fields, Allowed allowed, AssetFacts facts) {
        ManagedFile file = new ManagedFile(
                name,
                fields.required("path", Path.of("/"), text -> path(text, allowed)),
                new Template(fields.optionalText("template").orElse("")),
                fields.parsed("mode", "0644", ManagedFile::mode),
                fields.optionalText("owner"),
                fields.texts("check"),
                fields.texts("reload"),
                fields.parsed("onDrift", true, ManagedFile::repair));
        file.requireTemplate(fields, facts);
        file.requirePermitted("check", file.check(file.path()), fields, allowed);
        file.requirePermitted("reload", file.reload(), fields, allowed);
        fields.nothingElse();
        return file;
    }

    private void requireTemplate(Fields fields, AssetFacts facts) {
        if (!fields.has("template")) {
            fields.problem("template", "is missing");
        }
        if (template.text().length() > MAX_TEMPLATE) {
            fields.problem(
                    "template",
                    "has " + template.text().length() + " characters, at most " + MAX_TEMPLATE + " are allowed");
        }
        template.problems(facts).forEach(problem -> fields.problem("template", problem));
    }

    private void requirePermitted(String key, List<String> argv, Fields fields, Allowed allowed) {
        if (!argv.isEmpty() && !allowed.permits(argv)) {
            fields.problem(
                    key,
                    "is " + argv + ", which the owner of this asset does not permit;"
                            + " it can be added to files.programs in the asset's allow file");
        }
    }

    private static Path path(String text, Allowed allowed) {
        Path path;
        try {
            path = Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("must be a path", e);
        }
        if (!path.isAbsolute() || !path.equals(path.normalize()) || path.getParent() == null) {
            throw new IllegalArgumentException("must be an absolute path without '..'");
        }
        if (allowed.fileRoots().stream().noneMatch(path::startsWith)) {
            String roots =
                    allowed.fileRoots().isEmpty() ? "none" : allowed.fileRoots().toString();
            throw new IllegalArgumentException("must lie below a root that the owner of this asset allows; allowed are "
                    + roots + ", more can be added to files.roots in the asset's allow file");
        }
        return path;
    }

    private static String mode(String text) {
        if (!MODE.matcher(text).matches()) {
            throw new IllegalArgumentException("must be three octal digits such as 0644");
        }
        return text;
    }

    private static boolean repair(String text) {
        return switch (text) {
            case "repair" -> true;
            case "report" -> false;
            default -> throw new IllegalArgumentException("must be repair or report");
        };
    }

    /** The check for the content that lies at another place. */
    List<String> check(Path candidate) {
        return check.stream()
                .map(word -> word.replace(PATH_PLACE, candidate.toString()))
                .toList();
    }

    Set<PosixFilePermission> permissions() {
        return permissions(Integer.parseInt(mode, 8));
    }

    static Set<PosixFilePermission> permissions(int mode) {
        StringBuilder text = new StringBuilder("rwxrwxrwx");
        for (int bit = 0; bit < 9; bit++) {
            if ((mode & (0400 >> bit)) == 0) {
                text.setCharAt(bit, '-');
            }
        }
        return PosixFilePermissions.fromString(text.toString());
    }

    static String octal(Set<PosixFilePermission> permissions) {
        String text = PosixFilePermissions.toString(permissions);
        int mode = 0;
        for (int bit = 0; bit < 9; bit++) {
            mode |= text.charAt(bit) == '-' ? 0 : 0400 >> bit;
        }
        return "%04o".formatted(mode);
    }
}
