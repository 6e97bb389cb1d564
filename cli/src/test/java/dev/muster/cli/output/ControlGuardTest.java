package dev.muster.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlGuardTest {
    @ParameterizedTest
    @CsvSource({
        // Erases the screen, sets a title, moves up and writes over, asks the terminal to type.
        "'\u001b[2Jgone', ␛[2Jgone",
        "'\u001b]0;root\u0007', ␛]0;root␇",
        "'bad\u001b[1A\rgood', bad␛[1A␍good",
        "'\u001b[6n', ␛[6n",
        "'\u001b\u001b[2J', ␛␛[2J",
        "'\u009b2J', �2J",
        "'a\bb\u007f', a␈b␡",
        // Hides what follows, paints the ground in its colour, turns it around.
        "'\u001b[8mhidden', ␛[8mhidden",
        "'\u001b[31;8mhidden', ␛[31;8mhidden",
        "'\u001b[30;40mhidden', ␛[30;40mhidden",
        "'\u001b[38;5;12mblue', ␛[38;5;12mblue",
        "'ab\u202egnp.exe', ab�gnp.exe",
        "'ab\u2066gnp.exe', ab�gnp.exe",
    })
    void showsWhatATerminalWouldObey(String written, String shown) {
        assertThat(through("", written)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "'\u001b[1mbold\u001b[0m'",
        "'\u001b[32mgreen\u001b[m \u001b[1;31;4mred'",
        "'two\n\tlines'",
        "'a,b\r\nc\r\n'",
        "'“…” → – \u2028 ⁄ ␛ ℃'",
        "'Käse ¢ € 😀 é'"
    })
    void letsColoursAndTextPass(String written) {
        assertThat(through("", written)).isEqualTo(written);
    }

    @Test
    void letsALineBeWrittenAnewWhereThatIsMeant() {
        assertThat(through("\r", "\r3/5\u001b[K\u001b[2J")).isEqualTo("\r3/5\u001b[K␛[2J");
        assertThat(through("", "\u001b[K")).isEqualTo("␛[K");
    }

    @Test
    void holdsNoMoreThanASequenceNeeds() {
        assertThat(through("", "\u001b[" + "1".repeat(100) + "m")).isEqualTo("␛[" + "1".repeat(100) + "m");
    }

    @Test
    void knowsASequenceThatComesInParts() {
        ByteArrayOutputStream terminal = new ByteArrayOutputStream();
        PrintStream guarded = new PrintStream(new ControlGuard(terminal, ""), true, StandardCharsets.UTF_8);
        for (String part : new String[] {"\u001b", "[", "2", "J", "\u001b[", "31m"}) {
            guarded.print(part);
            guarded.flush();
        }
        assertThat(terminal.toString(StandardCharsets.UTF_8)).isEqualTo("␛[2J\u001b[31m");
    }

    private static String through(String obeyed, String written) {
        ByteArrayOutputStream terminal = new ByteArrayOutputStream();
        PrintStream guarded = new PrintStream(new ControlGuard(terminal, obeyed), true, StandardCharsets.UTF_8);
        guarded.print(written);
        guarded.flush();
        return terminal.toString(StandardCharsets.UTF_8);
    }
}
