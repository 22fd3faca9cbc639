"""Roslyn in a process of its own: compiles what lines of JSON on its standard input ask for.

Microsoft's compiler comes inside an npm package, the .NET runtime that it runs on inside a PyPI one.
"""

import json
import sys
from pathlib import Path
from typing import Any

from clr_loader import get_coreclr
from pythonnet import set_runtime


def serve(runtime: Path, roslyn: Path, config: Path) -> None:
    """Compile until the standard input ends.

    Args:
        runtime: Folder of the .NET runtime.
        roslyn: Folder of the compiler's assemblies.
        config: `runtimeconfig.json` to start the runtime with.
    """
    set_runtime(get_coreclr(dotnet_root=str(runtime), runtime_config=str(config)))
    import clr

    clr.AddReference(str(roslyn / "Microsoft.CodeAnalysis.dll"))
    clr.AddReference(str(roslyn / "Microsoft.CodeAnalysis.CSharp.dll"))
    compiler = _Compiler()
    for line in sys.stdin:
        print(json.dumps(compiler.compile(json.loads(line))), flush=True)


class _Compiler:
    def __init__(self) -> None:
        import System
        from Microsoft import CodeAnalysis
        from Microsoft.CodeAnalysis import CSharp, Text

        self._system, self._analysis, self._csharp, self._text = System, CodeAnalysis, CSharp, Text
        self._references: dict[str, Any] = {}

    def compile(self, job: dict[str, Any]) -> list[str]:
        """Write the assembly that a job describes; return what the compiler has to say against it."""
        trees = self._list(self._analysis.SyntaxTree, map(self._parser(job), job["sources"]))
        references = self._list(self._analysis.MetadataReference, map(self._reference, job["references"]))
        compilation = self._csharp.CSharpCompilation.Create(
            job["name"], trees, references, self._options(job)
        )
        stream = self._system.IO.FileStream(job["out"], self._system.IO.FileMode.Create)
        try:
            found = compilation.Emit(stream).Diagnostics
        finally:
            stream.Close()
        hidden = self._analysis.DiagnosticSeverity.Hidden
        quiet = {hidden, self._analysis.DiagnosticSeverity.Info}
        return [str(each) for each in found if each.Severity not in quiet and not each.IsSuppressed]

    def _parser(self, job: dict[str, Any]) -> Any:
        symbols = self._list(self._system.String, job["defines"])
        version = getattr(self._csharp.LanguageVersion, f"CSharp{job['language']}")
        mode = self._analysis.DocumentationMode
        options = self._csharp.CSharpParseOptions(
            version,
            mode.Diagnose if job["is_documented"] else mode.Parse,
            self._analysis.SourceCodeKind.Regular,
            symbols,
        )

        def parse(path: str) -> Any:
            text = self._text.SourceText.From(
                Path(path).read_text(encoding="utf-8"), self._system.Text.Encoding.UTF8
            )
            return self._csharp.CSharpSyntaxTree.ParseText(text, options, path)

        return parse

    def _options(self, job: dict[str, Any]) -> Any:
        kind = self._analysis.OutputKind
        options = self._csharp.CSharpCompilationOptions(
            kind.ConsoleApplication if job["is_program"] else kind.DynamicallyLinkedLibrary
        )
        report = self._system.Collections.Generic.Dictionary[
            self._system.String, self._analysis.ReportDiagnostic
        ]()
        for code in job["unreported"]:
            report[code] = self._analysis.ReportDiagnostic.Suppress
        return (
            options.WithOptimizationLevel(self._analysis.OptimizationLevel.Release)
            .WithAllowUnsafe(job["is_unsafe"])
            .WithGeneralDiagnosticOption(self._analysis.ReportDiagnostic.Error)
            .WithSpecificDiagnosticOptions(report)
        )

    def _reference(self, path: str) -> Any:
        if path not in self._references:
            # From memory, so that the file may be written anew.
            data = self._system.IO.File.ReadAllBytes(path)
            self._references[path] = self._analysis.MetadataReference.CreateFromImage(data)
        return self._references[path]

    def _list(self, kind: Any, items: Any) -> Any:
        made = self._system.Collections.Generic.List[kind]()
        for item in items:
            made.Add(item)
        return made


if __name__ == "__main__":
    serve(*map(Path, sys.argv[1:]))
