/** How answers are shown: tables for people, JSON and YAML for programs. */
@NullMarked
package dev.muster.cli.output;

import org.jspecify.annotations.NullMarked;
