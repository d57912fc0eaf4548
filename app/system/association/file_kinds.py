"""The file types that Lacuna opens: suffixes, media types, names."""

from __future__ import annotations

PROJECT_MEDIA_TYPE = "application/vnd.lacuna.project+zip"
"""Media type of a project."""

PROJECT_SUFFIX = ".lacuna"

PROJECT_NAMES = {
    "": "Lacuna project",
    "de": "Lacuna-Projekt",
    "es": "Proyecto de Lacuna",
    "fr": "Projet Lacuna",
    "ja": "Lacuna プロジェクト",
    "zh_CN": "Lacuna 项目",
    "zh_TW": "Lacuna 專案",
}
"""The name of the project type by language; "" is English."""

SUMMARIES = {
    "": "Remove what you paint over from a photo",
    "de": "Entfernt aus einem Foto, was Sie übermalen",
    "es": "Elimina de una foto aquello sobre lo que pinta",
    "fr": "Supprime d’une photo ce sur quoi vous peignez",
    "ja": "塗った部分を写真から取り除きます",
    "zh_CN": "从照片中移除您涂抹的内容",
    "zh_TW": "從相片中移除您塗抹的部分",
}
"""A one-line description of the program by language."""

PHOTO_SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/tiff": (".tif", ".tiff"),
    "image/webp": (".webp",),
    "image/heif": (".heic", ".heif", ".hif"),
    "image/avif": (".avif",),
    "image/jxl": (".jxl",),
    "image/bmp": (".bmp",),
    "image/gif": (".gif",),
    "image/x-adobe-dng": (".dng",),
    "image/x-canon-cr2": (".cr2",),
    "image/x-canon-cr3": (".cr3",),
    "image/x-fuji-raf": (".raf",),
    "image/x-nikon-nef": (".nef", ".nrw"),
    "image/x-olympus-orf": (".orf",),
    "image/x-panasonic-rw2": (".rw2",),
    "image/x-pentax-pef": (".pef",),
    "image/x-sony-arw": (".arw",),
}
"""The usual suffixes of photo files by media type."""
